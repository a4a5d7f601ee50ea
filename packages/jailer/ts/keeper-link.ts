import type { Duplex } from 'node:stream';
import { FrameDecoder } from './frame-decoder.ts';
import { FrameError, frameHeaderBytes, replyTypes } from './frame-format.ts';
import { type Hello, parseHello } from './replies.ts';
import { syncRequest } from './requests.ts';

/** What a link tells its slot. */
export interface LinkListener {
  onReply(type: number, body: Buffer): void;
  /** The keeper that was awaited is there. */
  onHello(hello: Hello): void;
  /** The bytes make no sense: the keeper is sick and must be replaced. */
  onNonsense(detail: string): void;
  /** The jailer closed the socket. */
  onEnded(): void;
}

const nothing = Buffer.alloc(0);

/**
 * One slot's socket: frames out with back-pressure, frames in. All keepers of a slot speak over the same socket, one
 * after another, and one that is killed may leave a part of a frame behind, in either direction. So what comes is
 * dropped until a HELLO carries the nonce by which the master announced the next keeper, and the keeper drops what it
 * gets until a SYNC carries it.
 */
export class KeeperLink {
  readonly #stream: Duplex;
  readonly #listener: LinkListener;
  readonly #decoder = new FrameDecoder((type, body) => this.#onFrame(type, body));
  /** The NONCE field of the HELLO that is looked for; null while frames are decoded. */
  #awaited: Buffer | null = null;
  #looked: Buffer = nothing;
  #resume: (() => void) | null = null;

  constructor(stream: Duplex, listener: LinkListener) {
    this.#stream = stream;
    this.#listener = listener;
    stream.on('data', (chunk: Buffer) => this.#onBytes(chunk));
    stream.on('drain', () => this.release());
    stream.once('close', () => {
      this.release();
      listener.onEnded();
    });
    // The socket's errors (the jailer ended) are followed by `close`, which says all.
    stream.on('error', () => {});
  }

  /** Writes the chunks in order, no faster than the keeper reads them. Stops early when `isOver` says so. */
  async write(chunks: Iterable<Uint8Array>, isOver: () => boolean): Promise<void> {
    for (const chunk of chunks) {
      if (isOver() || this.#stream.destroyed) return;
      if (this.#stream.write(chunk)) continue;
      await new Promise<void>((resolve) => {
        this.#resume = resolve;
      });
    }
  }

  /** Lets a writer that waits for the keeper look again whether it is over. */
  release(): void {
    const resume = this.#resume;
    this.#resume = null;
    resume?.();
  }

  /** From now on only the keeper with this nonce is listened to. */
  awaitKeeper(nonce: Buffer): void {
    const sync = syncRequest(nonce);
    this.#awaited = sync.subarray(frameHeaderBytes);
    this.#looked = nothing;
    this.#decoder.reset();
    if (!this.#stream.destroyed) this.#stream.write(sync);
  }

  #onBytes(chunk: Buffer): void {
    if (this.#awaited === null) this.#decode(chunk);
    else this.#look(Buffer.concat([this.#looked, chunk]), this.#awaited);
  }

  /** The NONCE is the first field of the HELLO, so its frame begins one header before. */
  #look(bytes: Buffer, awaited: Buffer): void {
    const found = bytes.indexOf(awaited);
    if (found < frameHeaderBytes) {
      this.#looked = bytes.subarray(-(frameHeaderBytes + awaited.length));
      return;
    }
    this.#awaited = null;
    this.#looked = nothing;
    this.#decode(bytes.subarray(found - frameHeaderBytes));
  }

  #decode(bytes: Buffer): void {
    try {
      this.#decoder.push(bytes);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#decoder.reset();
      this.#listener.onNonsense(error.message);
    }
  }

  #onFrame(type: number, body: Buffer): void {
    if (this.#awaited !== null) return;
    if (type === replyTypes.HELLO) this.#listener.onHello(parseHello(body));
    else this.#listener.onReply(type, body);
  }
}
