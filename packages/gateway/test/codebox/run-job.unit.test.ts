import type { Client, JobHandle, JobToSubmit } from '@bullpen/client';
import { BullpenError, type JobState, type Result } from '@bullpen/protocol';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { runJob } from '../../src/codebox/run-job.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const job: JobToSubmit = { profile: 'codebox', commands: [{ argv: ['true'], limits: { wallTimeMs: 5000 } }] };
const queueWaitMs = 1000;
const result = { jobId: 'x', commands: [] } as unknown as Result;

/** A client with one job, which is in this state and may have this result. */
function clientOf(state: () => Promise<JobState>, ended?: Result) {
  const cancel = vi.fn<() => Promise<boolean>>(() => Promise.resolve(true));
  const handle = {
    id: 'x',
    state,
    cancel,
    result({ signal }: { signal: AbortSignal }): Promise<Result> {
      if (ended !== undefined) return Promise.resolve(ended);
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    },
  } as unknown as JobHandle;
  return { cancel, client: { submit: () => Promise.resolve(handle) } as unknown as Client };
}

/** How a run ends within this time; null while it goes on. */
async function endingOf(run: Promise<Result>, withinMs: number): Promise<unknown> {
  let ending: unknown = null;
  run.then(
    (value) => (ending = value),
    (error: unknown) => (ending = error),
  );
  await vi.advanceTimersByTimeAsync(withinMs);
  return ending;
}

describe('a job', () => {
  test('that has its result is left alone', async () => {
    const { client, cancel } = clientOf(() => Promise.resolve('finished'), result);
    expect(await runJob(client, job, { queueWaitMs })).toBe(result);
    expect(cancel).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('whose result is in doubt has none for a client that cannot see the doubt', async () => {
    const doubtful = { since: 1, probe: 'files' } as unknown as Result['doubtful'];
    const { client } = clientOf(() => Promise.resolve('finished'), { ...result, doubtful } as Result);
    await expect(runJob(client, job, { queueWaitMs })).rejects.toMatchObject({ code: 'jail-failed' });
  });

  test('that waits longer than it may is cancelled, and not before', async () => {
    const { client, cancel } = clientOf(() => Promise.resolve('waiting'));
    const run = runJob(client, job, { queueWaitMs });
    expect(await endingOf(run, 999)).toBeNull();
    expect(await endingOf(run, 1)).toMatchObject({ code: 'expired' });
    expect(cancel).toHaveBeenCalledOnce();
  });

  test('that runs is waited for as long as it may run and a minute, then cancelled', async () => {
    const { client, cancel } = clientOf(() => Promise.resolve('running'));
    const run = runJob(client, job, { queueWaitMs });
    expect(await endingOf(run, queueWaitMs + 5000 + 59_000)).toBeNull();
    expect(await endingOf(run, 3000)).toMatchObject({ code: 'internal' });
    expect(cancel).toHaveBeenCalledOnce();
  });

  test('that goes back to the queue for long is cancelled, too', async () => {
    let state: JobState = 'running';
    const { client } = clientOf(() => Promise.resolve(state));
    const run = runJob(client, job, { queueWaitMs });
    expect(await endingOf(run, 2000)).toBeNull();
    state = 'waiting';
    expect(await endingOf(run, 1000)).toMatchObject({ code: 'expired' });
  });

  test('of which Redis says nothing is left alone for as long as it may run, and not for ever', async () => {
    const away = new BullpenError('redis-unavailable', 'Redis is away.');
    const { client, cancel } = clientOf(() => Promise.reject(away));
    const run = runJob(client, job, { queueWaitMs });
    expect(await endingOf(run, queueWaitMs + 5000 + 59_000)).toBeNull();
    expect(cancel).not.toHaveBeenCalled();
    expect(await endingOf(run, 3000)).toMatchObject({ code: 'internal' });
  });

  test('is not even submitted for somebody who has gone', async () => {
    const { client } = clientOf(() => Promise.resolve('waiting'), result);
    const submit = vi.spyOn(client, 'submit');
    await expect(runJob(client, job, { queueWaitMs, signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
    expect(submit).not.toHaveBeenCalled();
  });
});
