import type { LiveOutput, Result } from '@bullpen/protocol';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { followOutput } from '../../src/output/follow-output.ts';
import { inboxBytesMax } from '../../src/output/output-inbox.ts';
import type { OutputItem } from '../../src/output/output-item.ts';
import { piece, resultOf, show } from './literal-output.ts';

/** A job whose output and end the test decides. */
function makeJob({ stored = null, signal }: { stored?: Result | null; signal?: AbortSignal } = {}) {
  let tell: ((message: LiveOutput) => void) | null = null;
  let asked = 0;
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  promise.catch(() => {});
  const items = followOutput({
    signal,
    readResult: async () => stored,
    wait(stop) {
      for (const reason of [stop, signal]) reason?.addEventListener('abort', () => reject(reason.reason as Error));
      return promise;
    },
    follow(onMessage) {
      tell = onMessage;
      return {
        askAgain: () => void (asked += 1),
        leave: () => void (tell = null),
      };
    },
  });
  return {
    items,
    /** False when nobody listens. */
    say(message: LiveOutput): boolean {
      tell?.(message);
      return tell !== null;
    },
    isFollowed: () => tell !== null,
    asked: () => asked,
    end: resolve,
    fail: reject,
  };
}

async function readAll(items: AsyncIterable<OutputItem>): Promise<string[]> {
  const all: OutputItem[] = [];
  for await (const item of items) all.push(item);
  return show(all);
}

const textOf = (item: OutputItem): string => (item.kind === 'output' ? Buffer.from(item.bytes).toString('latin1') : '');

const soon = () => vi.advanceTimersByTimeAsync(1);
const never = Symbol('never');
/** What a promise resolves with, or `never` when it does not by itself. */
const now = async <Value>(promise: Promise<Value>) => {
  const quiet = soon().then(() => never);
  return Promise.race([promise, quiet]);
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('following', () => {
  test('yields what is heard at once, and at the end what was not heard', async () => {
    const job = makeJob();
    const first = job.items.next();
    expect(await now(first)).toBe(never);
    job.say(piece('ab'));
    expect(show([(await first).value as OutputItem])).toEqual(['0 stdout ab']);
    job.end(resultOf([{ stdout: 'abcd', stderr: 'e' }]));
    expect(await readAll(job.items)).toEqual(['0 stdout cd', '0 stderr e']);
    expect([job.isFollowed(), vi.getTimerCount()]).toEqual([false, 0]);
  });

  test('listens no more as soon as the job has ended, whether what was heard is read or not', async () => {
    const job = makeJob();
    const first = job.items.next();
    await soon();
    job.say(piece('ab'));
    await first;
    job.end(resultOf([{ stdout: 'ab' }]));
    await soon();
    expect(job.isFollowed()).toBe(false);
    expect(await readAll(job.items)).toEqual([]);
  });

  test('of a job that has ended listens to nobody', async () => {
    const job = makeJob({ stored: resultOf([{ stdout: 'ab' }]) });
    expect(await readAll(job.items)).toEqual(['0 stdout ab']);
    expect(job.isFollowed()).toBe(false);
  });

  test('rejects as the result does, behind what was heard', async () => {
    const job = makeJob();
    const first = job.items.next();
    await soon();
    job.say(piece('ab'));
    job.say(piece('cd', { offset: 2 }));
    job.fail(new Error('slot-lost'));
    await first;
    expect(show([(await job.items.next()).value as OutputItem])).toEqual(['0 stdout cd']);
    await expect(job.items.next()).rejects.toThrow('slot-lost');
    expect(await job.items.next()).toEqual({ done: true, value: undefined });
  });

  test('stops listening when the loop is left', async () => {
    const job = makeJob();
    const loop = (async () => {
      for await (const item of job.items) return item;
      return null;
    })();
    await soon();
    job.say(piece('ab'));
    expect(await loop).not.toBeNull();
    expect([job.isFollowed(), vi.getTimerCount()]).toEqual([false, 0]);
  });

  test('ends the wait of somebody who leaves while he waits', async () => {
    const job = makeJob();
    const waiting = job.items.next();
    await soon();
    await job.items.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(job.isFollowed()).toBe(false);
  });

  test('rejects with the reason of the signal, before anything that was heard', async () => {
    const controller = new AbortController();
    const job = makeJob({ signal: controller.signal });
    const first = job.items.next();
    await soon();
    job.say(piece('ab'));
    await first;
    job.say(piece('cd', { offset: 2 }));
    controller.abort(new Error('enough'));
    await expect(job.items.next()).rejects.toThrow('enough');
    expect(job.isFollowed()).toBe(false);
    await expect(makeJob({ signal: controller.signal }).items.next()).rejects.toThrow('enough');
  });
});

describe('a follower who misses something', () => {
  test('asks for the beginning, again after pauses that grow, until it has come', async () => {
    const job = makeJob();
    const first = job.items.next();
    await soon();
    job.say(piece('c', { offset: 2 }));
    await soon();
    expect(job.asked()).toBe(1);
    job.say(piece('d', { offset: 3 }));
    await soon();
    expect(job.asked()).toBe(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(job.asked()).toBe(2);
    await vi.advanceTimersByTimeAsync(1000);
    expect(job.asked()).toBe(2);
    job.say(piece('abcd'));
    expect(show([(await first).value as OutputItem])).toEqual(['0 stdout abcd']);
    const second = job.items.next();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(job.asked()).toBe(2);
    job.say(piece('z', { offset: 9 }));
    await soon();
    expect([job.asked(), vi.getTimerCount()]).toEqual([3, 1]);
    const result = resultOf([{ stdout: 'abcd' }]);
    job.end(result);
    expect(await second).toEqual({ done: true, value: result });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('and does not read keeps a MiB, and gets the rest from the beginning or the result', async () => {
    const flood = Buffer.alloc(10_000_000, 'abc').toString('latin1');
    const job = makeJob();
    const first = job.items.next();
    await soon();
    for (let offset = 0; offset < flood.length; offset += 65_536)
      job.say(piece(flood.slice(offset, offset + 65_536), { offset }));
    let heard = '';
    let next = first;
    for (;;) {
      const step = await now(next);
      if (step === never) break;
      heard += textOf((step as IteratorResult<OutputItem>).value);
      next = job.items.next();
    }
    expect(heard.length).toBeGreaterThan(inboxBytesMax / 2);
    expect(heard.length).toBeLessThan(inboxBytesMax + 65_536);
    expect(job.asked()).toBe(1);
    job.end(resultOf([{ stdout: flood }]));
    heard += textOf((await next).value as OutputItem);
    for await (const item of job.items) heard += textOf(item);
    expect(heard === flood).toBe(true);
  });
});
