import { setTimeout as delay } from 'node:timers/promises';

/** The requests that the app is answering, whether or not their clients are still there: a door cancels the job of one that has gone. */
export interface RunningRequests {
  /** Counts an answer until it is there; an answer that is there already counts for nothing. */
  track(answer: Response | Promise<Response>): Response | Promise<Response>;
  /** Resolves when none is left, or after `withinMs`. */
  ended(withinMs: number): Promise<void>;
}

export function createRunningRequests(): RunningRequests {
  const running = new Set<Promise<unknown>>();
  return {
    track(answer) {
      if (!(answer instanceof Promise)) return answer;
      const ended = answer.then(forget, forget);
      running.add(ended);
      function forget(): void {
        running.delete(ended);
      }
      return answer;
    },
    async ended(withinMs) {
      const timer = new AbortController();
      const late = delay(withinMs, undefined, { signal: timer.signal }).catch(() => {});
      await Promise.race([Promise.all(running), late]);
      timer.abort();
    },
  };
}
