import { fieldHeaderBytes, FrameError, frameBodyMax, frameHeaderBytes } from './frame-format.ts';

/**
 * Builds frames one after another in one growing buffer: `begin`, fields, `end`, and at last `take`.
 * Every method but `take` returns the writer. Throws a FrameError for a body above the bound or a string with a NUL.
 */
export class FrameWriter {
  #bytes: Buffer;
  #length = 0;
  #frameStart = 0;

  constructor(capacity = 1024) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  begin(type: number): this {
    this.#reserve(frameHeaderBytes);
    this.#frameStart = this.#length;
    this.#bytes.writeUInt16LE(type, this.#length + 4);
    this.#bytes.writeUInt16LE(0, this.#length + 6);
    this.#length += frameHeaderBytes;
    return this;
  }

  u32(tag: number, value: number): this {
    this.#field(tag, 4);
    this.#length = this.#bytes.writeUInt32LE(value, this.#length);
    return this;
  }

  /** `value` is a whole number from 0 to 2^53 - 1. */
  u64(tag: number, value: number): this {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new FrameError(`A number of a frame must be whole and from 0 to 2^53 - 1, got ${value}.`);
    }
    this.#field(tag, 8);
    this.#length = this.#bytes.writeUInt32LE(value % 0x1_0000_0000, this.#length);
    this.#length = this.#bytes.writeUInt32LE(Math.floor(value / 0x1_0000_0000), this.#length);
    return this;
  }

  string(tag: number, text: string): this {
    if (text.includes('\0'))
      throw new FrameError(`A string of a frame must not hold a NUL: ${JSON.stringify(text.slice(0, 64))}.`);
    const bytes = Buffer.byteLength(text);
    this.#field(tag, bytes);
    this.#length += this.#bytes.write(text, this.#length);
    return this;
  }

  bytes(tag: number, data: Uint8Array): this {
    this.#field(tag, data.length);
    this.#bytes.set(data, this.#length);
    this.#length += data.length;
    return this;
  }

  end(): this {
    const body = this.#length - this.#frameStart - frameHeaderBytes;
    if (body > frameBodyMax)
      throw new FrameError(`A frame holds at most ${frameBodyMax} bytes, and this one needs ${body}.`);
    this.#bytes.writeUInt32LE(body, this.#frameStart);
    return this;
  }

  /** Hands over all that was written; the writer starts again with an empty buffer. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = Buffer.allocUnsafe(1024);
    this.#length = 0;
    return taken;
  }

  #field(tag: number, length: number): void {
    this.#reserve(fieldHeaderBytes + length);
    this.#bytes.writeUInt16LE(tag, this.#length);
    this.#bytes.writeUInt16LE(0, this.#length + 2);
    this.#length = this.#bytes.writeUInt32LE(length, this.#length + 4);
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
