import type { StopReason } from '../stop-reason.ts';

/** The jobs that this worker runs, each with the switch that stops it. */
export interface RunningJobs {
  readonly count: number;
  ids(): string[];
  /** Registers a job. `end` must be called when it is over. `halted` is aborted by `stopAll` alone, so also after its producer cancelled it. */
  begin(jobId: string): { readonly signal: AbortSignal; readonly halted: AbortSignal; end(): void };
  /** Aborts one job's signal; false when this worker does not run it. */
  stop(jobId: string, reason: StopReason): boolean;
  stopAll(reason: StopReason): void;
  /** Resolves when no job runs, or when `deadline` is aborted. True when no job runs. */
  idle(deadline: AbortSignal): Promise<boolean>;
}

interface Switches {
  readonly stop: AbortController;
  readonly halt: AbortController;
}

export function createRunningJobs(): RunningJobs {
  const running = new Map<string, Set<Switches>>();
  const idleListeners = new Set<() => void>();

  function forget(jobId: string, switches: Switches): void {
    const all = running.get(jobId);
    all?.delete(switches);
    if (all?.size === 0) running.delete(jobId);
    if (running.size === 0) for (const listener of idleListeners) listener();
  }

  return {
    get count() {
      return running.size;
    },
    ids: () => [...running.keys()],
    begin(jobId) {
      const switches = { stop: new AbortController(), halt: new AbortController() };
      // The same job twice: it was taken for lost, given out again, and came back to us before its first run noticed.
      const all = running.get(jobId) ?? new Set();
      all.add(switches);
      running.set(jobId, all);
      const { stop, halt } = switches;
      return { signal: stop.signal, halted: halt.signal, end: () => forget(jobId, switches) };
    },
    stop(jobId, reason) {
      const all = running.get(jobId);
      for (const switches of all ?? []) switches.stop.abort(reason);
      return all !== undefined;
    },
    stopAll(reason) {
      for (const all of running.values()) {
        for (const { stop, halt } of all) {
          stop.abort(reason);
          halt.abort(reason);
        }
      }
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
