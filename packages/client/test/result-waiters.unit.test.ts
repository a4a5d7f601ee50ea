import type { Result } from '@bullpen/protocol';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { QueueEnding, QueueState } from '../src/queue-door.ts';
import { createResultWaiters } from '../src/result-waiters.ts';

const never = new AbortController().signal;
/** What a promise rejects with, listened for at once: it may reject long before the test looks. */
const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );
const result = (jobId: string) => ({ jobId }) as Result;

/** Jobs as data: what is stored, what the queue says, and who listens. */
function makeSource() {
  const stored = new Map<string, Result>();
  const states = new Map<string, QueueState>();
  let tell: (id: string, ending: QueueEnding) => void = () => {};
  let listeners = 0;
  const asked: string[] = [];
  const failures: Error[] = [];
  const waiters = createResultWaiters({
    readResults: async (ids) => {
      asked.push(...ids);
      const failure = failures.pop();
      if (failure !== undefined) throw failure;
      return ids.map((id) => stored.get(id) ?? null);
    },
    state: async (id) => states.get(id) ?? { kind: 'running' },
    listen: async (onEnding) => {
      listeners += 1;
      tell = onEnding;
      return { close: async () => void (listeners -= 1) };
    },
  });
  return {
    waiters,
    stored,
    states,
    asked,
    failures,
    tell: (id: string, ending: QueueEnding) => tell(id, ending),
    listeners: () => listeners,
  };
}

/** The same when it listens already. */
async function makeListeningSource() {
  const source = makeSource();
  source.stored.set('first', result('first'));
  await source.waiters.wait('first', never);
  source.asked.length = 0;
  return source;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('waiting for a result', () => {
  test('ends at once when the result is already stored', async () => {
    const { waiters, stored } = makeSource();
    stored.set('a', result('a'));
    expect(await waiters.wait('a', never)).toEqual(result('a'));
  });

  test('ends with the queue’s event, for everybody who waits, over one listener', async () => {
    const { waiters, stored, tell, listeners } = makeSource();
    const waits = [waiters.wait('a', never), waiters.wait('a', never)];
    await vi.advanceTimersByTimeAsync(1);
    stored.set('a', result('a'));
    tell('a', { kind: 'completed' });
    expect(await Promise.all(waits)).toEqual([result('a'), result('a')]);
    expect(listeners()).toBe(1);
  });

  test('ends without any event: the backstop looks by itself', async () => {
    const { waiters, stored } = makeSource();
    const waiting = waiters.wait('a', never);
    await vi.advanceTimersByTimeAsync(1000);
    stored.set('a', result('a'));
    await vi.advanceTimersByTimeAsync(6000);
    expect(await waiting).toEqual(result('a'));
  });

  test('rejects with the code of a failure, announced or found', async () => {
    const { waiters, states, tell } = makeSource();
    const announced = waiters.wait('a', never);
    const found = waiters.wait('b', never);
    const settled = Promise.allSettled([announced, found]);
    await vi.advanceTimersByTimeAsync(1);
    tell('a', { kind: 'failed', reason: 'slot-lost: gone' });
    states.set('b', { kind: 'failed', reason: 'job stalled more than allowable limit' });
    await vi.advanceTimersByTimeAsync(1000);
    await settled;
    await expect(announced).rejects.toMatchObject({ code: 'slot-lost', message: 'gone' });
    await expect(found).rejects.toMatchObject({ code: 'worker-lost' });
  });

  test('rejects for a job that is nowhere, but only at the second look', async () => {
    const { waiters, states, stored, tell } = makeSource();
    states.set('a', { kind: 'missing' });
    const missing = errorOf(waiters.wait('a', never));
    await vi.advanceTimersByTimeAsync(2000);
    expect(await missing).toMatchObject({ code: 'result-missing' });

    states.set('b', { kind: 'missing' });
    const cancelled = waiters.wait('b', never);
    await vi.advanceTimersByTimeAsync(1);
    tell('b', { kind: 'removed' });
    await vi.advanceTimersByTimeAsync(1);
    stored.set('b', result('b'));
    await vi.advanceTimersByTimeAsync(1000);
    expect(await cancelled).toEqual(result('b'));
  });

  test('two looks at the same moment are one', async () => {
    const { waiters, states, stored, tell } = makeSource();
    states.set('a', { kind: 'missing' });
    const cancelled = waiters.wait('a', never);
    await vi.advanceTimersByTimeAsync(1);
    for (let looks = 0; looks < 2; looks += 1) tell('a', { kind: 'completed' });
    await vi.advanceTimersByTimeAsync(1);
    stored.set('a', result('a'));
    await vi.advanceTimersByTimeAsync(600);
    expect(await cancelled).toEqual(result('a'));
  });

  test('waits for the result of a removed job while a slow Redis stores it', async () => {
    const { waiters, states, stored, tell } = makeSource();
    const cancelled = waiters.wait('a', never);
    await vi.advanceTimersByTimeAsync(1);
    states.set('a', { kind: 'missing' });
    tell('a', { kind: 'removed' });
    await vi.advanceTimersByTimeAsync(5000);
    stored.set('a', result('a'));
    await vi.advanceTimersByTimeAsync(600);
    expect(await cancelled).toEqual(result('a'));

    states.set('b', { kind: 'missing' });
    const lost = errorOf(waiters.wait('b', never));
    await vi.advanceTimersByTimeAsync(1);
    tell('b', { kind: 'removed' });
    await vi.advanceTimersByTimeAsync(11_000);
    expect(await lost).toMatchObject({ code: 'result-missing' });
  });

  test('leaves when its signal is aborted before it listens', async () => {
    const { waiters } = makeSource();
    const controller = new AbortController();
    const waiting = errorOf(waiters.wait('a', controller.signal));
    controller.abort('enough');
    await vi.advanceTimersByTimeAsync(1);
    expect(await waiting).toBe('enough');
  });

  test('leaves when its signal is aborted, and leaves no timer behind', async () => {
    const { waiters } = makeSource();
    const controller = new AbortController();
    const waiting = errorOf(waiters.wait('a', controller.signal));
    await vi.advanceTimersByTimeAsync(1);
    controller.abort('enough');
    expect(await waiting).toBe('enough');
    await vi.advanceTimersByTimeAsync(1000);
    expect(vi.getTimerCount()).toBe(0);
    await expect(waiters.wait('a', controller.signal)).rejects.toBe('enough');
  });

  test('ends for everybody when the client closes', async () => {
    const { waiters, listeners } = makeSource();
    const waiting = errorOf(waiters.wait('a', never));
    await vi.advanceTimersByTimeAsync(1);
    await waiters.close(new Error('closed'));
    expect(await waiting).toMatchObject({ message: 'closed' });
    expect(listeners()).toBe(0);
    await expect(waiters.wait('b', never)).rejects.toThrow('closed');
  });
});

describe('waiting for an expected job', () => {
  test('asks nothing before its end is told; for another job it asks at once', async () => {
    const { waiters, stored, asked, tell } = await makeListeningSource();
    waiters.expect(['a']);
    const expected = waiters.wait('a', never);
    const other = waiters.wait('b', never);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toEqual(['b']);
    await vi.advanceTimersByTimeAsync(1500);
    expect(asked).not.toContain('a');
    for (const id of ['a', 'b']) stored.set(id, result(id));
    for (const id of ['a', 'b']) tell(id, { kind: 'completed' });
    expect(await Promise.all([expected, other])).toEqual([result('a'), result('b')]);
  });

  test('asks at once when its end was told before anybody waited', async () => {
    const { waiters, stored, states, tell } = await makeListeningSource();
    waiters.expect(['a', 'b']);
    stored.set('a', result('a'));
    tell('a', { kind: 'completed' });
    expect(await waiters.wait('a', never)).toEqual(result('a'));

    states.set('b', { kind: 'failed', reason: 'expired: late' });
    tell('b', { kind: 'failed', reason: 'expired: late' });
    const failed = errorOf(waiters.wait('b', never));
    await vi.advanceTimersByTimeAsync(500);
    expect(await failed).toMatchObject({ code: 'expired' });
  });

  test('asks at once when nobody listened as it was submitted', async () => {
    const { waiters, stored } = makeSource();
    waiters.expect(['a']);
    stored.set('a', result('a'));
    expect(await waiters.wait('a', never)).toEqual(result('a'));
  });

  test('ends without any event: the backstop looks by itself, later', async () => {
    const { waiters, stored } = await makeListeningSource();
    waiters.expect(['a']);
    const waiting = waiters.wait('a', never);
    stored.set('a', result('a'));
    await vi.advanceTimersByTimeAsync(2500);
    expect(await waiting).toEqual(result('a'));
  });

  test('is asked for again soon when the question after its end was lost', async () => {
    const { waiters, stored, failures, tell } = await makeListeningSource();
    waiters.expect(['a']);
    const waiting = waiters.wait('a', never);
    await vi.advanceTimersByTimeAsync(1);
    stored.set('a', result('a'));
    failures.push(new Error('lost'));
    tell('a', { kind: 'completed' });
    await vi.advanceTimersByTimeAsync(600);
    expect(await waiting).toEqual(result('a'));
  });
});
