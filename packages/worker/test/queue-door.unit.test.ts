import { BullpenError, defaultFleetNames } from '@bullpen/protocol';
import { DelayedError, type Job, UnrecoverableError, WaitingError } from 'bullmq';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { backoffMs, createProcessor, type JobVerdict, type QueuedJob } from '../src/queue-door.ts';

const signal = new AbortController().signal;

// Time stands still: whoever waited for it would wait for ever.
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The members of BullMQ's job that the door reads. */
function makeQueueJob() {
  const moved: string[] = [];
  const job = {
    id: 'j1',
    data: { v: 1 },
    attemptsStarted: 2,
    timestamp: 5,
    moveToWait: async (token: string) => moved.push(token),
    moveToDelayed: async (timestamp: number, token: string) => moved.push(`${token} after ${timestamp - Date.now()}`),
  };
  return { job: job as unknown as Job, moved };
}

const process = (handle: (job: QueuedJob) => Promise<JobVerdict>, job = makeQueueJob().job) =>
  createProcessor(defaultFleetNames, handle)(job, 't1', signal);

describe('the processor', () => {
  test('declares three parameters, or BullMQ would not give it a signal', () => {
    expect(createProcessor(defaultFleetNames, () => Promise.reject(new Error('unused')))).toHaveLength(3);
  });

  test('describes the job to its handler and returns the summary', async () => {
    let seen: QueuedJob | null = null;
    const summary = await process(async (job) => {
      seen = job;
      return { kind: 'done', summary: { state: 'finished' } };
    });
    expect(summary).toEqual({ state: 'finished' });
    expect(seen).toMatchObject({
      id: 'j1',
      attempt: 2,
      submittedAt: 5,
      token: 't1',
      lockKey: '{bullpen}:bullpen:j1:lock',
      signal,
    });
  });

  test('gives a job back without spending an attempt', async () => {
    const { job, moved } = makeQueueJob();
    await expect(process(async () => ({ kind: 'give-back' }), job)).rejects.toBeInstanceOf(WaitingError);
    expect(moved).toEqual(['t1']);
  });

  test('hands a job over after a pause, without spending an attempt', async () => {
    const { job, moved } = makeQueueJob();
    await expect(process(async () => ({ kind: 'hand-over', delayMs: 5000 }), job)).rejects.toBeInstanceOf(DelayedError);
    expect(moved).toEqual(['t1 after 5000']);
  });

  test('puts a job off without spending an attempt, and takes others meanwhile', async () => {
    const { job, moved } = makeQueueJob();
    await expect(process(async () => ({ kind: 'put-off', delayMs: 200 }), job)).rejects.toBeInstanceOf(DelayedError);
    expect(moved).toEqual(['t1 after 200']);
  });

  test('a fault that another attempt may cure is an ordinary error of the form code: message', async () => {
    const failing = process(() => Promise.reject(new BullpenError('slot-lost', 'gone')));
    await expect(failing).rejects.toThrow('slot-lost: gone');
    await expect(failing).rejects.not.toBeInstanceOf(UnrecoverableError);
  });

  test('a refusal fails the job at once', async () => {
    const failing = process(() => Promise.reject(new BullpenError('invalid-job', 'bad')));
    await expect(failing).rejects.toBeInstanceOf(UnrecoverableError);
    await expect(failing).rejects.toThrow('invalid-job: bad');
  });

  test('an error of unknown kind becomes internal', async () => {
    await expect(process(() => Promise.reject(new TypeError('oops')))).rejects.toThrow('internal: oops');
  });
});

describe('the pause before another attempt', () => {
  const config = { retryDelayMs: 1000, retryDelayMaxMs: 10_000 };

  test.each([
    [1, 1000],
    [2, 2000],
    [4, 8000],
    [5, 10_000],
    [400, 10_000],
  ])('before attempt %i is at most %i ms and at least half of it', (attemptsMade, fullMs) => {
    expect(backoffMs(config, attemptsMade, () => 1)).toBe(fullMs);
    expect(backoffMs(config, attemptsMade, () => 0)).toBe(fullMs / 2);
  });
});
