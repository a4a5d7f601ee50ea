/** Above this size the whole cap is reserved at once: pages that are never written cost nothing, copies of large buffers do. */
const growUntil = 1_048_576;

/** Collects bytes up to a cap; bytes beyond it are dropped. Memory never exceeds the cap. */
export class CapturedBytes {
  readonly #cap: number;
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;

  /** `cap` in bytes. */
  constructor(cap: number) {
    this.#cap = cap;
  }

  /** Copies `data`, which the caller may reuse afterwards. */
  append(data: Uint8Array): void {
    const kept = Math.min(data.length, this.#cap - this.#length);
    if (kept <= 0) return;
    this.#reserve(this.#length + kept);
    this.#bytes.set(kept === data.length ? data : data.subarray(0, kept), this.#length);
    this.#length += kept;
  }

  /** All that was kept: a view, not a copy. */
  take(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(needed: number): void {
    if (needed <= this.#bytes.length) return;
    const grown = needed > growUntil ? this.#cap : Math.min(this.#cap, Math.max(needed, this.#bytes.length * 4));
    const larger = Buffer.allocUnsafeSlow(grown);
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
