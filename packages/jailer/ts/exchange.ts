/** Takes one reply; returns a value once the answer is complete, undefined before. `body` is valid during the call only. */
export type ReplyTaker<T> = (type: number, body: Buffer) => T | undefined;

/** What a slot needs of an exchange, whatever its answer. */
export type PendingExchange = Pick<Exchange<unknown>, 'isOver' | 'onReply' | 'fail'>;

/** One request on its way to its answer. */
export class Exchange<T> {
  readonly answer: Promise<T>;
  readonly #take: ReplyTaker<T>;
  readonly #resolve: (answer: T) => void;
  readonly #reject: (error: unknown) => void;
  #isOver = false;
  #failure: { readonly error: unknown } | null = null;

  constructor(take: ReplyTaker<T>) {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.answer = promise;
    this.#take = take;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Whether the answer is known, or never comes. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether the answer never comes, so that the rest of the request need not be sent. */
  get hasFailed(): boolean {
    return this.#failure !== null;
  }

  onReply(type: number, body: Buffer): void {
    const answer = this.#take(type, body);
    if (answer === undefined) return;
    this.#isOver = true;
    this.#resolve(answer);
  }

  fail(error: unknown): void {
    this.#isOver = true;
    this.#failure ??= { error };
    this.#reject(error);
  }

  /** Throws what it failed with, also when that came behind the answer: the rest of the request was for nothing then. */
  throwIfFailed(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}
