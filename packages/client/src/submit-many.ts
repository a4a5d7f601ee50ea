/** One round trip carries at most this many jobs and about this many bytes, whichever comes first. */
export const batchBounds = { jobs: 100, bytes: 4_194_304 } as const;

/** A job that was checked and is ready to be sent. */
export interface Prepared {
  readonly bytes: number;
}

/**
 * Sends jobs in batches and yields what `send` returns for each, in order. It reads ahead by one batch at most and never has more than one under
 * way, so memory stays bounded however long the input is. When preparing a job throws, the jobs before it are sent and yielded first.
 */
export async function* sendInBatches<Input, Item extends Prepared, Sent>(
  inputs: Iterable<Input> | AsyncIterable<Input>,
  prepare: (input: Input, index: number) => Item,
  send: (items: readonly Item[]) => Promise<readonly Sent[]>,
): AsyncGenerator<Sent, void, undefined> {
  let batch: Item[] = [];
  let bytes = 0;
  let index = 0;
  async function flush(): Promise<readonly Sent[]> {
    const items = batch;
    batch = [];
    bytes = 0;
    return items.length === 0 ? [] : send(items);
  }

  for await (const input of inputs) {
    let item: Item;
    try {
      item = prepare(input, index);
    } catch (error) {
      yield* await flush();
      throw error;
    }
    index += 1;
    if (batch.length > 0 && bytes + item.bytes > batchBounds.bytes) yield* await flush();
    batch.push(item);
    bytes += item.bytes;
    if (batch.length >= batchBounds.jobs || bytes >= batchBounds.bytes) yield* await flush();
  }
  yield* await flush();
}
