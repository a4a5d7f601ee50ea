import type { Result } from '@bullpen/protocol';
import { describe, expect, test } from 'vitest';
import { type JobHandleContext, makeJobHandle } from '../src/job-handle.ts';
import type { QueueState } from '../src/queue-door.ts';

function makeContext(state: QueueState, result: Partial<Result> | null = null): JobHandleContext {
  return {
    wait: (_id, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    cancel: async () => true,
    queueState: async () => state,
    place: async () => ({ position: 3, submittedAt: 77, startedAt: null, finishedAt: null }),
    readResult: async () => result as Result | null,
    follow: () => ({ askAgain() {}, leave() {} }),
    share: (result) => result,
  };
}

describe('a handle', () => {
  test.each([
    ['waiting', { kind: 'waiting' }, null],
    ['running', { kind: 'running' }, null],
    ['failed', { kind: 'failed', reason: 'x' }, null],
    ['finished', { kind: 'completed' }, null],
    ['unknown', { kind: 'missing' }, null],
    ['finished', { kind: 'running' }, { state: 'finished' }],
    ['cancelled', { kind: 'missing' }, { state: 'cancelled' }],
  ] as const)('says %s for %j and the result %j', async (expected, state, result) => {
    expect(await makeJobHandle(makeContext(state, result), 'j1').state()).toBe(expected);
  });

  test('gives up waiting after its timeout, with a sentence', async () => {
    const waiting = makeJobHandle(makeContext({ kind: 'running' }), 'j1').result({ timeoutMs: 5 });
    await expect(waiting).rejects.toMatchObject({
      name: 'TimeoutError',
      message: 'Job j1 has no result after 5 ms: wait longer, or cancel it.',
    });
  });

  test('gives up waiting when its signal is aborted', async () => {
    const controller = new AbortController();
    const waiting = makeJobHandle(makeContext({ kind: 'running' }), 'j1').result({
      signal: controller.signal,
      timeoutMs: 60_000,
    });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});
