import { FrameError, frameBodyMax, frameHeaderBytes } from './frame-format.ts';

/** Takes one whole frame; `body` is a view that must be copied to be kept. */
export type FrameTaker = (type: number, body: Buffer) => void;

const empty = Buffer.alloc(0);

/**
 * Cuts a stream of bytes into frames. A frame that lies within one chunk is passed on without copying.
 * Memory is bounded: never more than one frame and one chunk are held.
 */
export class FrameDecoder {
  readonly #take: FrameTaker;
  #pending: Buffer = empty;

  constructor(take: FrameTaker) {
    this.#take = take;
  }

  /** Bytes that were not decoded: the begin of a frame, or what followed an error. */
  get pending(): Buffer {
    return this.#pending;
  }

  /** Forgets what is pending. */
  reset(): void {
    this.#pending = empty;
  }

  /** Takes the next bytes of the stream. Throws a FrameError for a bad header, and whatever the taker throws. */
  push(chunk: Buffer): void {
    const bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    let at = 0;
    try {
      while (bytes.length - at >= frameHeaderBytes) {
        const end = at + frameHeaderBytes + bodyLength(bytes, at);
        if (end > bytes.length) break;
        const start = at;
        at = end;
        this.#take(bytes.readUInt16LE(start + 4), bytes.subarray(start + frameHeaderBytes, end));
      }
    } finally {
      // A copy lets go of the chunk's slab, of which only the tail is still needed.
      this.#pending = at === bytes.length ? empty : at === 0 ? bytes : Buffer.from(bytes.subarray(at));
    }
  }
}

function bodyLength(bytes: Buffer, at: number): number {
  const length = bytes.readUInt32LE(at);
  if (length > frameBodyMax)
    throw new FrameError(`A frame claims a body of ${length} bytes; the bound is ${frameBodyMax}.`);
  const zero = bytes.readUInt16LE(at + 6);
  if (zero !== 0) throw new FrameError(`A frame's header has ${zero} where zero must stand.`);
  return length;
}
