import type { Duplex } from 'node:stream';
import { Exchange, type PendingExchange, type ReplyTaker } from './exchange.ts';
import { FrameError, replyTypes } from './frame-format.ts';
import { OpenJail } from './jail.ts';
import { JailerError } from './jailer-error.ts';
import { KeeperLink } from './keeper-link.ts';
import { type Hello, parseError } from './replies.ts';
import { asRequestError, openRequest } from './requests.ts';
import type { Jail, JailRequest, JailSlot } from './types.ts';

/**
 * `absent`: no keeper has said HELLO yet, or the last one was lost; `idle`: a keeper waits for a job; `busy`: a jail is
 * open; `ended`: the jailer is gone. Moves: absent -> idle <-> busy, any -> absent, any -> ended.
 */
type SlotState = 'absent' | 'idle' | 'busy' | 'ended';

/** How long a new keeper may take to say HELLO, in milliseconds: the master's longest pause, the proof that the slot is empty, and room. */
const keeperDeadlineMs = 15_000;

/** One slot: the socket of its keepers, and the one jail and the one exchange that are open at a time. */
export class KeeperSlot implements JailSlot {
  readonly index: number;
  readonly #link: KeeperLink;
  #state: SlotState = 'absent';
  #hello: Hello | null = null;
  #exchange: PendingExchange | null = null;
  #writing: Promise<void> = Promise.resolve();
  /** An error that came while nobody waited for an answer: the jail's next exchange gets it. */
  #failure: JailerError | null = null;
  #stateChange = Promise.withResolvers<void>();
  /** Number of the keeper that is there or awaited. */
  #keeperNumber = 0;
  readonly #askForAnother: (keeper: number) => void;

  /** `askForAnother` asks the master to end the keeper with this number, counted from 0, and to make the next one. */
  constructor(stream: Duplex, index: number, askForAnother: (keeper: number) => void) {
    this.index = index;
    this.#askForAnother = askForAnother;
    this.#link = new KeeperLink(stream, {
      onReply: (type, body) => this.#onReply(type, body),
      onHello: (hello) => this.#onHello(hello),
      onNonsense: (detail) => this.#condemn(`its keeper made no sense (${detail})`),
      onEnded: () => this.#lose('ended', 'the jailer ended'),
    });
  }

  get uid(): number {
    return this.#keeper.uid;
  }

  /** Version of the jailer, as the slot's keeper says it. */
  get version(): string {
    return this.#keeper.version;
  }

  /** Whether the slot's jail is open and can be spoken to. */
  get isBusy(): boolean {
    return this.#state === 'busy';
  }

  /** Whether the jailer closed the slot's socket: it ended. */
  get hasEnded(): boolean {
    return this.#state === 'ended';
  }

  async open(request: JailRequest, options: { signal?: AbortSignal } = {}): Promise<Jail> {
    options.signal?.throwIfAborted();
    if (this.#state === 'absent') await this.waitForKeeper(keeperDeadlineMs);
    if (this.#state === 'busy')
      throw new Error(`Slot ${this.index} has an open jail; close it before opening another.`);
    if (this.#state === 'ended') throw this.#lost('the jailer ended');
    this.#failure = null;
    this.#enter('busy');
    const jail = new OpenJail(this);
    try {
      await jail.open(openRequest(request));
      options.signal?.throwIfAborted();
      return jail;
    } catch (error) {
      await jail.close().catch(() => {}); // The first error says more than what follows from it.
      throw error;
    }
  }

  async replace(): Promise<void> {
    this.#condemn('its keeper was to be replaced');
    await this.waitForKeeper(keeperDeadlineMs);
  }

  /** Waits until a keeper is there. Rejects with a JailerError after `deadlineMs`, or when the jailer ends. */
  async waitForKeeper(deadlineMs: number): Promise<void> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(this.#lost(`no keeper said HELLO within ${deadlineMs} ms`)), deadlineMs);
    try {
      while (this.#state === 'absent') await Promise.race([this.#stateChange.promise, late]);
    } finally {
      clearTimeout(timer);
    }
    if (this.#state === 'ended') throw this.#lost('the jailer ended');
  }

  /** Sends a request and resolves with what `take` makes of the replies. For the slot's own jail. */
  async exchange<T>(request: Iterable<Uint8Array>, take: ReplyTaker<T>): Promise<T> {
    if (this.#failure !== null) throw this.#failure;
    if (this.#state !== 'busy') throw this.#lost('the keeper is gone, and the jail with it');
    if (this.#exchange !== null)
      throw new Error(`The jail of slot ${this.index} does one thing at a time; await the last call first.`);
    const exchange = new Exchange(take);
    this.#exchange = exchange;
    this.#writing = this.#link
      .write(request, () => exchange.hasFailed)
      .catch((error: unknown) => exchange.fail(asRequestError(error)));
    try {
      const answer = await exchange.answer;
      await this.#writing;
      exchange.throwIfFailed();
      return answer;
    } finally {
      this.#exchange = null;
      this.#link.release();
    }
  }

  /** Sends a frame in the midst of an exchange, behind its request. For KILL. */
  async interrupt(frame: Uint8Array): Promise<void> {
    const exchange = this.#exchange;
    await this.#writing;
    if (exchange !== null && !exchange.isOver) await this.#link.write([frame], () => false);
  }

  /** The jail gave up what it had failed with, and may still be closed. */
  forgive(): void {
    this.#failure = null;
  }

  /** The jail is destroyed. A slot that is not proven empty loses its keeper, which ends by itself, and waits for the next. */
  closed(isProvenEmpty: boolean): void {
    if (this.#state === 'busy') this.#enter(isProvenEmpty ? 'idle' : 'absent');
  }

  /** The master says that the keeper is gone and by which nonce the next one can be known. */
  announced(nonce: Buffer): void {
    this.#lose('absent', 'its keeper ended');
    this.#keeperNumber += 1;
    if (this.#state !== 'ended') this.#link.awaitKeeper(nonce);
  }

  get #keeper(): Hello {
    if (this.#hello === null) throw new Error(`Slot ${this.index} is not known before its keeper's HELLO.`);
    return this.#hello;
  }

  #onReply(type: number, body: Buffer): void {
    try {
      if (type === replyTypes.ERROR) this.#fail(new JailerError(parseError(body)));
      else this.#exchange?.onReply(type, body);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#condemn(`its keeper made no sense (${error.message})`);
    }
  }

  #onHello(hello: Hello): void {
    if (this.#state !== 'absent' || hello.slot !== this.index) {
      this.#condemn('a HELLO came where none belongs');
      return;
    }
    this.#hello = hello;
    this.#enter('idle');
  }

  #lose(state: 'absent' | 'ended', detail: string): void {
    if (this.#state === 'ended') return;
    this.#enter(state);
    this.#exchange?.fail(this.#lost(detail));
    this.#link.release();
  }

  #condemn(detail: string): void {
    this.#lose('absent', detail);
    this.#askForAnother(this.#keeperNumber);
  }

  #fail(error: JailerError): void {
    if (this.#exchange === null) this.#failure ??= error;
    else this.#exchange.fail(error);
  }

  #lost(detail: string): JailerError {
    return new JailerError({ step: 'keeper', errno: 0, detail: `slot ${this.index} was lost, ${detail}` });
  }

  #enter(state: SlotState): void {
    this.#state = state;
    this.#stateChange.resolve();
    this.#stateChange = Promise.withResolvers<void>();
  }
}
