import { CapturedBytes } from './captured-bytes.ts';
import { FrameError, replyTypes } from './frame-format.ts';
import { JailerError } from './jailer-error.ts';
import type { ReplyTaker } from './exchange.ts';
import { parseData, parseExited, parseFound, parseOpened, parseRefused } from './replies.ts';
import { asRequestError, closeRequest, collectRequest, killRequest, runRequest } from './requests.ts';
import type { CollectAnswer, Jail, JailCommand, JailLayer, JailReport, RunOptions } from './types.ts';

/** What a jail needs of its slot. */
interface JailHolder {
  /** False when the keeper is gone, and the jail with it. */
  readonly isBusy: boolean;
  exchange<T>(request: Iterable<Uint8Array>, take: ReplyTaker<T>): Promise<T>;
  interrupt(frame: Uint8Array): Promise<void>;
  forgive(): void;
  closed(isProvenEmpty: boolean): void;
}

/** The jail of one job, spoken to through its slot. */
export class OpenJail implements Jail {
  readonly #slot: JailHolder;
  #layers: readonly JailLayer[] = [];
  #busy: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | null = null;

  constructor(slot: JailHolder) {
    this.#slot = slot;
  }

  get layers(): readonly JailLayer[] {
    return this.#layers;
  }

  /** Sends OPEN and the files; for the slot, once. */
  async open(request: Iterable<Uint8Array>): Promise<void> {
    this.#layers = await this.#slot.exchange(request, (type, body) =>
      type === replyTypes.OPENED ? parseOpened(body) : unexpected(type),
    );
  }

  async run(command: JailCommand, options: RunOptions = {}): Promise<JailReport> {
    const request = encode(() => runRequest(command));
    const stdout = new CapturedBytes(command.limits.outputBytes);
    const stderr = new CapturedBytes(command.limits.outputBytes);
    const { signal, onOutput } = options;
    const report = this.#do(request, (type, body): JailReport | undefined => {
      switch (type) {
        case replyTypes.STDOUT:
          stdout.append(parseData(body));
          onOutput?.({ stream: 'stdout', bytes: stdout.take() });
          return undefined;
        case replyTypes.STDERR:
          stderr.append(parseData(body));
          onOutput?.({ stream: 'stderr', bytes: stderr.take() });
          return undefined;
        case replyTypes.EXITED:
          return parseExited(body, stdout.take(), stderr.take());
        default:
          return unexpected(type);
      }
    });
    if (signal === undefined) return report;
    const kill = (): void => void this.#slot.interrupt(killRequest());
    if (signal.aborted) kill();
    else signal.addEventListener('abort', kill, { once: true });
    try {
      return await report;
    } finally {
      signal.removeEventListener('abort', kill);
    }
  }

  async collect(path: string, maxBytes: number): Promise<CollectAnswer> {
    let mode = 0;
    let size = 0;
    let content = new CapturedBytes(0);
    const request = encode(() => collectRequest(path, maxBytes));
    return this.#do([request], (type, body): CollectAnswer | undefined => {
      switch (type) {
        case replyTypes.REFUSED:
          return { state: 'refused', path, reason: parseRefused(body) };
        case replyTypes.FOUND:
          ({ mode, size } = parseFound(body));
          content = new CapturedBytes(Math.min(size, maxBytes));
          return undefined;
        case replyTypes.CONTENT:
          content.append(parseData(body));
          return undefined;
        case replyTypes.CONTENT_END:
          return { state: 'collected', path, mode, content: content.take() };
        default:
          return unexpected(type);
      }
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (!this.#slot.isBusy) return; // The keeper is gone, and the kernel ended the jail with it.
    void this.#slot.interrupt(killRequest());
    await this.#busy.catch(() => {}); // Whoever waits for that call learns of its error.
    this.#slot.forgive();
    try {
      await this.#slot.exchange([closeRequest()], (type) => (type === replyTypes.CLOSED ? true : undefined));
      this.#slot.closed(true);
    } catch (error) {
      if (error instanceof JailerError && error.step === 'prove_empty') this.#slot.closed(false);
      throw error;
    }
  }

  #do<T>(request: Iterable<Uint8Array>, take: (type: number, body: Buffer) => T | undefined): Promise<T> {
    if (this.#closing !== null) return Promise.reject(new Error('The jail is closed.'));
    const answer = this.#slot.exchange(request, take);
    this.#busy = answer;
    return answer;
  }
}

function encode<T>(build: () => T): T {
  try {
    return build();
  } catch (error) {
    throw asRequestError(error);
  }
}

function unexpected(type: number): never {
  throw new FrameError(`A reply of type ${type} came where none of its kind belongs.`);
}
