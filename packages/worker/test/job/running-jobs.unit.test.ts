import { expect, test } from 'vitest';
import { createRunningJobs } from '../../src/job/running-jobs.ts';

const never = new AbortController().signal;

test('one job is stopped with its reason, the others go on', () => {
  const running = createRunningJobs();
  const [first, second] = [running.begin('a'), running.begin('b')];
  expect(running.stop('a', 'cancelled')).toBe(true);
  expect(first.signal.reason).toBe('cancelled');
  expect(second.signal.aborted).toBe(false);
  expect(running.stop('c', 'cancelled')).toBe(false);
});

test('the same job twice is stopped twice, and forgotten when both have ended', () => {
  const running = createRunningJobs();
  const [first, second] = [running.begin('a'), running.begin('a')];
  first.end();
  expect(running.count).toBe(1);
  running.stopAll('shutdown');
  expect([first.signal.aborted, second.signal.aborted]).toEqual([false, true]);
  second.end();
  expect(running.count).toBe(0);
});

test('idle waits for the last job, or for its deadline', async () => {
  const running = createRunningJobs();
  expect(await running.idle(never)).toBe(true);
  const job = running.begin('a');
  const idle = running.idle(never);
  const late = running.idle(AbortSignal.timeout(5));
  expect(await late).toBe(false);
  expect(await running.idle(AbortSignal.abort())).toBe(false);
  job.end();
  expect(await idle).toBe(true);
});

test('a job that its producer cancelled still hears that all are stopped', () => {
  const job = createRunningJobs();
  const { signal, halted } = job.begin('a');
  job.stop('a', 'cancelled');
  expect([signal.reason, halted.aborted]).toEqual(['cancelled', false]);
  job.stopAll('shutdown');
  expect([signal.reason, halted.reason]).toEqual(['cancelled', 'shutdown']);
});
