/** Pauses that somebody may end early; none outlives `signal`, and none keeps the process alive. */
export interface WakeablePause {
  take(milliseconds: number): Promise<void>;
  /** Ends the pause that is being taken, if any. */
  readonly end: () => void;
}

export function wakeablePause(signal: AbortSignal): WakeablePause {
  let over: () => void = () => {};
  signal.addEventListener('abort', () => over(), { once: true });
  return {
    async take(milliseconds) {
      if (signal.aborted) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      over = resolve;
      const timer = setTimeout(resolve, milliseconds).unref();
      await promise;
      clearTimeout(timer);
    },
    end: () => over(),
  };
}
