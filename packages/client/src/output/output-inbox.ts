import type { LiveOutput } from '@bullpen/protocol';
import type { OutputItem } from './output-item.ts';
import type { NewOutput, OutputProgress } from './output-progress.ts';

/** What may wait for a follower, in bytes; beyond it messages are dropped, and what was in them comes from the result. */
export const inboxBytesMax = 1_048_576;
/** What an item costs beside its bytes. */
const itemBytes = 256;

const dropped: NewOutput = { items: [], isBehind: true };

/** Items between the messages of Redis and a follower who may be slow. */
export class OutputInbox {
  readonly #progress: OutputProgress;
  #items: OutputItem[] = [];
  #bytes = 0;
  /** Streams of which a message was dropped. */
  readonly #behind = new Set<string>();
  #change = Promise.withResolvers<void>();

  constructor(progress: OutputProgress) {
    this.#progress = progress;
  }

  /** Whether nothing more comes of a stream until the output is told from the beginning again. */
  get isBehind(): boolean {
    return this.#behind.size > 0;
  }

  put(message: LiveOutput): void {
    if (message.kind === 'started') this.#behind.clear();
    const { items, isBehind } = this.#bytes < inboxBytesMax ? this.#progress.take(message) : dropped;
    if (message.kind === 'output') this.#note(`${message.command} ${message.stream}`, isBehind);
    for (const item of items) {
      this.#items.push(item);
      this.#bytes += sizeOf(item);
    }
    if (items.length > 0 || isBehind) this.wake();
  }

  #note(stream: string, isBehind: boolean): void {
    if (isBehind) this.#behind.add(stream);
    else this.#behind.delete(stream);
  }

  /** All that has come, which makes room. */
  takeAll(): readonly OutputItem[] {
    const items = this.#items;
    this.#items = [];
    this.#bytes = 0;
    return items;
  }

  /** Resolves when something has come since the last call of `takeAll`, or `wake` was called. */
  async changed(): Promise<void> {
    await this.#change.promise;
    this.#change = Promise.withResolvers<void>();
  }

  wake(): void {
    this.#change.resolve();
  }
}

function sizeOf(item: OutputItem): number {
  return itemBytes + (item.kind === 'output' ? item.bytes.byteLength : 0);
}
