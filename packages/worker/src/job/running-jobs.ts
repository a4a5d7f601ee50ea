import type { StopReason } from '../stop-reason.ts';

/** The jobs that this worker runs, each with the switch that stops it. */
export interface RunningJobs {
  readonly count: number;
  ids(): string[];
  /** Registers a job. `end` must be called when it is over. */
  begin(jobId: string): { readonly signal: AbortSignal; end(): void };
  /** Aborts one job's signal; false when this worker does not run it. */
  stop(jobId: string, reason: StopReason): boolean;
  stopAll(reason: StopReason): void;
  /** Resolves when no job runs, or when `deadline` is aborted. True when no job runs. */
  idle(deadline: AbortSignal): Promise<boolean>;
}

export function createRunningJobs(): RunningJobs {
  const running = new Map<string, Set<AbortController>>();
  const idleListeners = new Set<() => void>();

  function forget(jobId: string, controller: AbortController): void {
    const controllers = running.get(jobId);
    controllers?.delete(controller);
    if (controllers?.size === 0) running.delete(jobId);
    if (running.size === 0) for (const listener of idleListeners) listener();
  }

  return {
    get count() {
      return running.size;
    },
    ids: () => [...running.keys()],
    begin(jobId) {
      const controller = new AbortController();
      // The same job twice: it was taken for lost, given out again, and came back to us before its first run noticed.
      const controllers = running.get(jobId) ?? new Set();
      controllers.add(controller);
      running.set(jobId, controllers);
      return { signal: controller.signal, end: () => forget(jobId, controller) };
    },
    stop(jobId, reason) {
      const controllers = running.get(jobId);
      for (const controller of controllers ?? []) controller.abort(reason);
      return controllers !== undefined;
    },
    stopAll(reason) {
      for (const controllers of running.values()) for (const controller of controllers) controller.abort(reason);
    },
    idle(deadline) {
      if (running.size === 0) return Promise.resolve(true);
      if (deadline.aborted) return Promise.resolve(false);
      return new Promise((resolve) => {
        const settle = (isIdle: boolean) => (): void => {
          idleListeners.delete(onIdle);
          deadline.removeEventListener('abort', onDeadline);
          resolve(isIdle);
        };
        const onIdle = settle(true);
        const onDeadline = settle(false);
        idleListeners.add(onIdle);
        deadline.addEventListener('abort', onDeadline, { once: true });
      });
    },
  };
}
