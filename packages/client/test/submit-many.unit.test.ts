import { describe, expect, test } from 'vitest';
import { batchBounds, sendInBatches } from '../src/submit-many.ts';

const sized = (bytes: number) => (input: number) => ({ bytes, input });

async function collect(inputs: Iterable<number> | AsyncIterable<number>, bytes = 10) {
  const batches: number[][] = [];
  const sent: number[] = [];
  const send = async (items: readonly { readonly input: number }[]) => {
    batches.push(items.map(({ input }) => input));
    return items.map(({ input }) => input);
  };
  for await (const value of sendInBatches(inputs, sized(bytes), send)) sent.push(value);
  return { batches, sent };
}

function* countTo(count: number): Generator<number> {
  for (let number = 0; number < count; number += 1) yield number;
}

describe('sending a stream', () => {
  test('keeps the order, and fills batches to their number of jobs', async () => {
    const { batches, sent } = await collect(countTo(250));
    expect(sent).toEqual([...countTo(250)]);
    expect(batches.map(({ length }) => length)).toEqual([100, 100, 50]);
  });

  test('ends a batch before its bytes are exceeded', async () => {
    const { batches } = await collect(countTo(5), batchBounds.bytes / 2);
    expect(batches.map(({ length }) => length)).toEqual([2, 2, 1]);
  });

  test('sends nothing for an empty stream', async () => {
    expect((await collect([])).batches).toEqual([]);
  });

  test('takes no more from its source than one batch ahead of what was asked for', async () => {
    let taken = 0;
    function* source(): Generator<number> {
      for (; ; taken += 1) yield taken;
    }
    const stream = sendInBatches(source(), sized(10), async (items) => items);
    for (let count = 0; count < 150; count += 1) await stream.next();
    expect(taken).toBeLessThanOrEqual(200);
    await stream.return();
  });

  test('sends and yields what came before a job that cannot be prepared, then throws', async () => {
    const sent: number[] = [];
    const prepare = (input: number) => {
      if (input === 3) throw new Error('job 3 is bad');
      return { bytes: 1, input };
    };
    const drain = async (): Promise<void> => {
      for await (const { input } of sendInBatches(countTo(9), prepare, async (items) => items)) sent.push(input);
    };
    await expect(drain()).rejects.toThrow('job 3 is bad');
    expect(sent).toEqual([0, 1, 2]);
  });
});
