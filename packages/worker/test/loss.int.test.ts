import { existsSync } from 'node:fs';
import { Queue } from 'bullmq';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../../tests/support/eventually.ts';
import { findKeeperOf, processesOf } from './support/process-tree.ts';
import { type SomeWorkers, startSomeWorkers } from './support/some-workers.ts';

const wait = { timeoutMs: 20_000 };
const nap = (seconds: number) => ({ profile: 'bash', commands: [{ argv: ['sleep', String(seconds)] }] });

let fleet: SomeWorkers;
let queue: Queue;

const endingsOf = (jobId: string): number =>
  fleet.workers.flatMap(({ log }) => log).filter((line) => line.job === jobId && line.msg === 'job ended').length;

beforeEach(async () => {
  fleet = await startSomeWorkers({ appendFsync: 'always' });
  queue = new Queue('bullpen', { connection: { path: fleet.redis.socket }, prefix: '{bullpen}' });
  queue.on('error', () => {}); // Redis is killed on purpose
});

afterEach(async () => {
  await queue.close();
  await fleet.close();
});

describe('a worker that is lost', () => {
  test('by SIGKILL: its job runs elsewhere, with exactly one result, and its jails die with it', async () => {
    const first = await fleet.add();
    const handle = await fleet.client.submit(nap(2));
    await expect.poll(() => handle.state()).toBe('running');
    await eventually('the program runs', () => processesOf(first.pid, 'sleep').length === 1);
    const [program] = processesOf(first.pid, 'sleep');
    first.signal('SIGKILL');
    const second = await fleet.add();
    const result = await handle.result(wait);
    expect(result.receipt?.worker).toBe(second.workerId);
    expect(result.attempt).toBe(2);
    expect((await queue.getJob(handle.id))?.attemptsMade).toBe(1);
    expect(endingsOf(handle.id)).toBe(1);
    expect(existsSync(`/proc/${program}`)).toBe(false);
  });

  test('by standing still: what it has when it wakes up is not published', async () => {
    const first = await fleet.add();
    const handle = await fleet.client.submit(nap(3));
    await expect.poll(() => handle.state()).toBe('running');
    first.signal('SIGSTOP');
    const second = await fleet.add();
    await eventually('the second worker has the job', () => processesOf(second.pid, 'sleep').length === 1);
    first.signal('SIGCONT');
    const result = await handle.result(wait);
    expect(result.receipt?.worker).toBe(second.workerId);
    await eventually('the first worker gave up', () => first.log.some((line) => line.job === handle.id));
    expect(first.log.find((line) => line.job === handle.id)).toMatchObject({ code: 'worker-lost' });
    expect(endingsOf(handle.id)).toBe(1);
    expect(await fleet.client.job(handle.id).result(wait)).toEqual(result);
  });

  test('between publishing and completing: the published result is taken over, and the job does not run again', async () => {
    const published = await fleet.client.submit(nap(0));
    const worker = await fleet.add();
    const result = await published.result(wait);
    // What a second worker finds when the first one died at that point: a result, and the job in the queue.
    await eventually('the job is completed', async () => (await queue.getJob(published.id))?.finishedOn !== undefined);
    await queue.remove(published.id);
    await queue.add('job', { v: 1, job: nap(0), submittedAt: 1 }, { jobId: published.id });
    await eventually(
      'the job is completed again',
      async () => (await queue.getJob(published.id))?.finishedOn !== undefined,
    );
    expect(await published.result(wait)).toEqual(result);
    expect(worker.log.filter((line) => line.job === published.id).map((line) => line.msg)).toEqual([
      'job ended',
      'job already has a result',
    ]);
  });
});

describe('a slot that is lost', () => {
  test('in the middle of a job: the job is tried again on a new keeper', async () => {
    const worker = await fleet.add();
    const handle = await fleet.client.submit(nap(2));
    await eventually('the program runs', () => processesOf(worker.pid, 'sleep').length === 1);
    process.kill(findKeeperOf(worker.pid, 'sleep'), 'SIGKILL');
    const result = await handle.result(wait);
    expect(result).toMatchObject({ state: 'finished', attempt: 2 });
    expect(worker.log.find((line) => line.job === handle.id)).toMatchObject({ code: 'slot-lost', attempt: 1 });
  });
});

describe('Redis killed in the middle of a job', () => {
  test('and started again: nothing is lost and nothing runs to two results', async () => {
    await fleet.add({ BULLPEN_LOCK_DURATION_MS: '5000' });
    const running = await fleet.client.submit(nap(1));
    const waiting = await Promise.all([fleet.client.submit(nap(0)), fleet.client.submit(nap(0))]);
    const results = [running, ...waiting].map((handle) => handle.result(wait));
    await expect.poll(() => running.state()).toBe('running');
    await fleet.redis.kill();
    await new Promise((resolve) => setTimeout(resolve, 500)); // the outage
    await fleet.redis.start();
    for (const result of await Promise.all(results)) expect(result.state).toBe('finished');
    for (const { id } of [running, ...waiting]) expect(endingsOf(id)).toBe(1);
  });
});
