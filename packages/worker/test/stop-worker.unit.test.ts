import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { createClosers } from '../src/closers.ts';
import { createRunningJobs } from '../src/job/running-jobs.ts';
import { createStop } from '../src/stop-worker.ts';
import { createStateHolder } from '../src/worker-state.ts';

function makeWorker(graceMs: number) {
  const events: string[] = [];
  const running = createRunningJobs();
  const closers = createClosers();
  closers.push(() => events.push('closers'));
  const state = createStateHolder((_from, to) => events.push(to));
  state.move('ready');
  const door = {
    pause: async () => void events.push('pause'),
    close: async (force: boolean) => void events.push(force ? 'door forced' : 'door'),
  };
  const job = running.begin('j1');
  job.signal.addEventListener('abort', () => {
    events.push(`abort ${String(job.signal.reason)}`);
    job.end();
  });
  const stop = createStop({ door, running, closers, state, logger: pino({ level: 'silent' }), graceMs });
  return { events, job, state, ...stop };
}

describe('stopping a worker', () => {
  test('waits for running jobs, then closes everything once', async () => {
    const { events, job, stop, stopped } = makeWorker(60_000);
    const stopping = [stop(), stop()];
    await expect.poll(() => events).toContain('pause');
    job.end();
    await Promise.all([...stopping, stopped]);
    expect(events).toEqual(['ready', 'draining', 'pause', 'door', 'closers', 'stopped']);
  });

  test('past the grace gives jobs back', async () => {
    const { events, stop } = makeWorker(5);
    await stop();
    expect(events).toEqual(['ready', 'draining', 'pause', 'abort shutdown', 'door', 'closers', 'stopped']);
  });

  test('asked again, shortens the grace', async () => {
    const { events, stop } = makeWorker(60_000);
    const stopping = stop();
    await stop({ graceMs: 0 });
    await stopping;
    expect(events).toContain('abort shutdown');
  });

  test('a failure stops jobs as faults, closes everything, and is what the worker ends with', async () => {
    const { events, state, fail, stopped } = makeWorker(60_000);
    fail(new Error('the jailer ended'));
    await expect(stopped).rejects.toThrow('the jailer ended');
    expect(state.state).toBe('failed');
    expect(events).toEqual(['ready', 'failed', 'pause', 'abort jailer-lost', 'door', 'closers']);
  });

  test('a jailer that ends because the worker stops is no failure', async () => {
    const { stop, fail, state, stopped } = makeWorker(5);
    const stopping = stop();
    fail(new Error('the jailer ended'));
    await stopping;
    await stopped;
    expect(state.state).toBe('stopped');
  });
});
