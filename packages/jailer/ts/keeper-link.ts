import type { Duplex } from 'node:stream';
import { findHello } from './find-hello.ts';
import { FrameDecoder } from './frame-decoder.ts';
import { FrameError, replyTypes } from './frame-format.ts';
import { type Hello, parseHello } from './replies.ts';

/** What a link tells its slot. */
export interface LinkListener {
  onReply(type: number, body: Buffer): void;
  /** A keeper took over: the first one, or one that replaces a keeper that died. */
  onHello(hello: Hello): void;
  /** The bytes make no sense: the keeper is gone, or sick. A later `onHello` ends that. */
  onLost(detail: string): void;
  /** The jailer closed the socket. */
  onEnded(): void;
}

/** A frame that stays incomplete for so long was probably cut off by the death of its keeper. */
const incompleteMs = 500;
/** More than a HELLO ever has, in bytes: older bytes need not be kept while one is looked for. */
const helloMax = 4096;

/**
 * One slot's socket: frames out with back-pressure, frames in. All keepers of a slot speak over the same socket, one
 * after another, so a part of a dead keeper's frame may stand before the HELLO of the next; the link finds it.
 */
export class KeeperLink {
  readonly #stream: Duplex;
  readonly #slot: number;
  readonly #listener: LinkListener;
  readonly #decoder = new FrameDecoder((type, body) => this.#onFrame(type, body));
  /** Bytes among which the next HELLO is looked for; null while the frames make sense. */
  #senseless: Buffer | null = null;
  #incomplete: NodeJS.Timeout | null = null;
  #resume: (() => void) | null = null;

  constructor(stream: Duplex, slot: number, listener: LinkListener) {
    this.#stream = stream;
    this.#slot = slot;
    this.#listener = listener;
    stream.on('data', (chunk: Buffer) => this.#onBytes(chunk));
    stream.on('drain', () => this.release());
    stream.once('close', () => this.#onClose());
    // The socket's errors (the jailer ended) are followed by `close`, which says all.
    stream.on('error', () => {});
  }

  /** Writes the chunks in order, no faster than the keeper reads them. Stops early when `isOver` says so. */
  async write(chunks: Iterable<Uint8Array>, isOver: () => boolean): Promise<void> {
    for (const chunk of chunks) {
      if (isOver() || this.#stream.destroyed) return;
      if (!this.#stream.write(chunk))
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

  #onBytes(chunk: Buffer): void {
    if (this.#incomplete !== null) clearTimeout(this.#incomplete);
    this.#incomplete = null;
    if (this.#senseless !== null) {
      this.#senseless = Buffer.concat([this.#senseless, chunk]);
      this.#resynchronise(this.#senseless);
      return;
    }
    try {
      this.#decoder.push(chunk);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#lose(error.message);
      return;
    }
    if (this.#decoder.pending.length > 0) {
      this.#incomplete = setTimeout(() => this.#resynchronise(this.#decoder.pending), incompleteMs).unref();
    }
  }

  #onFrame(type: number, body: Buffer): void {
    if (type !== replyTypes.HELLO) this.#listener.onReply(type, body);
    else this.#listener.onHello(parseHello(body));
  }

  #lose(detail: string): void {
    const rest = this.#decoder.pending;
    this.#decoder.reset();
    this.#senseless = rest;
    this.#listener.onLost(detail);
    this.#resynchronise(rest);
  }

  /** Looks for the HELLO of the next keeper and goes on decoding there. */
  #resynchronise(bytes: Buffer): void {
    const found = findHello(bytes, this.#slot);
    if (found === null) {
      if (this.#senseless !== null) this.#senseless = bytes.subarray(-helloMax);
      return;
    }
    if (this.#senseless === null) this.#listener.onLost('its keeper died while it answered');
    this.#senseless = null;
    this.#decoder.reset();
    this.#onBytes(bytes.subarray(found.offset));
  }

  #onClose(): void {
    if (this.#incomplete !== null) clearTimeout(this.#incomplete);
    this.release();
    this.#listener.onEnded();
  }
}
