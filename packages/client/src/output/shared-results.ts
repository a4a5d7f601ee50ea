import type { Result } from '@bullpen/protocol';

/** Lets all who read a result at the same time, each at his pace, hold one copy of it. Holds nothing itself. */
export class SharedResults {
  readonly #held = new Map<string, WeakRef<Result>>();
  readonly #gone = new FinalizationRegistry<string>((jobId) => {
    if (this.#held.get(jobId)?.deref() === undefined) this.#held.delete(jobId);
  });

  /** The copy that somebody holds already, else this one. */
  share(result: Result): Result {
    const held = this.#held.get(result.jobId)?.deref();
    if (held?.attempt === result.attempt && held.finishedAt === result.finishedAt) return held;
    this.#held.set(result.jobId, new WeakRef(result));
    this.#gone.register(result, result.jobId);
    return result;
  }
}
