import { describe, expect, it } from 'vitest';
import { createReadTurns } from '../../src/native/read-turns.ts';

const never = { name: 'ci', signal: new AbortController().signal };

function makeRead() {
  const { promise, resolve } = Promise.withResolvers<string>();
  let isReading = false;
  return {
    read: () => {
      isReading = true;
      return promise;
    },
    end: () => resolve('read'),
    isReading: () => isReading,
  };
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('turns of reading', () => {
  it('come to a few at a time, in the order of asking', async () => {
    const turns = createReadTurns({ atATime: 2 });
    const reads = Array.from({ length: 4 }, makeRead);
    const taken = reads.map(({ read }) => turns.take(never, read));
    await settled();
    expect(reads.map(({ isReading }) => isReading())).toEqual([true, true, false, false]);
    reads[1]?.end();
    await settled();
    expect(reads.map(({ isReading }) => isReading())).toEqual([true, true, true, false]);
    for (const { end } of reads) end();
    expect(await Promise.all(taken)).toEqual(['read', 'read', 'read', 'read']);
  });

  it('are not lost by reads that fail', async () => {
    const turns = createReadTurns({ atATime: 1 });
    await expect(turns.take(never, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await turns.take(never, async () => 'read')).toBe('read');
  });

  it('pass those who have gone', async () => {
    const turns = createReadTurns({ atATime: 1 });
    const first = makeRead();
    const gone = new AbortController();
    const taken = turns.take(never, first.read);
    const second = makeRead();
    const left = turns.take({ name: 'ci', signal: gone.signal }, second.read);
    const third = turns.take(never, async () => 'third');
    gone.abort();
    await expect(left).rejects.toThrow('aborted');
    first.end();
    expect([await taken, await third, second.isReading()]).toEqual(['read', 'third', false]);
    await expect(turns.take({ name: 'ci', signal: gone.signal }, second.read)).rejects.toThrow('aborted');
  });

  it('are not lost by one who goes in the moment when his comes', async () => {
    const turns = createReadTurns({ atATime: 1 });
    const first = makeRead();
    const gone = new AbortController();
    const taken = turns.take(never, first.read);
    const left = turns.take({ name: 'ci', signal: gone.signal }, async () => 'left').catch(() => 'gone');
    first.end();
    await taken;
    gone.abort();
    await left;
    expect(await turns.take(never, async () => 'next')).toBe('next');
  });

  it('go round between keys, however many one of them asks for', async () => {
    const turns = createReadTurns({ atATime: 1 });
    const first = makeRead();
    const order: string[] = [];
    const taken = turns.take(never, first.read);
    const ask = (name: string): Promise<string> =>
      turns.take({ ...never, name }, async () => {
        order.push(name);
        return name;
      });
    const asked = [ask('many'), ask('many'), ask('many'), ask('few'), ask('other')];
    first.end();
    await Promise.all([taken, ...asked]);
    expect(order).toEqual(['many', 'few', 'other', 'many', 'many']);
  });

  it('are not waited for for ever', async () => {
    const turns = createReadTurns({ atATime: 1, longestWaitMs: 20 });
    void turns.take(never, () => new Promise(() => {}));
    await expect(turns.take(never, async () => 'late')).rejects.toMatchObject({ code: 'overloaded' });
  });
});
