import type { JobHandle, JobToSubmit } from '@bullpen/client';
import type { Result } from '@bullpen/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { patience } from '../support/patience.ts';
import type { TestWorker } from '../support/worker.ts';
import { type FleetOfTwo, startFleetOfTwo } from './fleet-of-two.ts';

const wait = { timeoutMs: 30_000 * patience };
const shell = (text: string): JobToSubmit => ({
  profile: 'bash',
  commands: [{ argv: ['bash', '-c', text] }],
  cache: {},
});
const isRun = ({ receipt }: Result): boolean => receipt !== null && receipt.cached === undefined;

let fleet: FleetOfTwo;
beforeAll(async () => {
  fleet = await startFleetOfTwo();
});
afterEach(async () => {
  const keys = [...(await fleet.keys('cache')), ...(await fleet.keys('flight'))];
  if (keys.length > 0) await fleet.redis.del(keys);
});
afterAll(() => fleet?.close());

async function runAll(job: JobToSubmit, count: number): Promise<readonly Result[]> {
  const handles = await Promise.all(Array.from({ length: count }, () => fleet.client.submit(job)));
  return Promise.all(handles.map((handle) => handle.result(wait)));
}

/** The worker that says in its log that it put this job off. */
const putOff = (id: string): TestWorker | undefined =>
  fleet.workers.find(({ log }) => log.some(({ msg, job }) => msg === 'job put off' && job === id));

/** The worker in whose flight the one mark of the fleet is. */
async function findHolder(): Promise<{ worker: TestWorker; jobId: string }> {
  const [key = ''] = await fleet.keys('flight');
  const [, , jobId = ''] = ((await fleet.redis.get(key)) ?? '').split(' ');
  const name = await fleet.redis.hget(`{bullpen}:bullpen:${jobId}`, 'pb');
  const worker = fleet.workers.find(({ workerId }) => workerId === name);
  if (worker === undefined) throw new Error(`No worker is called ${String(name)}.`);
  return { worker, jobId };
}

describe('equal jobs that come at the same time', () => {
  test('are run once, on two workers of two slots, and all have the same answer', async () => {
    const results = await runAll(shell('sleep 0.3; date +%s%N'), 100);
    expect(results.filter(isRun)).toHaveLength(1);
    expect(new Set(results.map(({ jobId }) => jobId)).size).toBe(100);
    expect(new Set(results.map(({ commands }) => commands[0]?.stdout.data)).size).toBe(1);
    const [ran] = results.filter(isRun);
    for (const { jobId, receipt } of results)
      expect(receipt?.cached?.jobId).toBe(jobId === ran?.jobId ? undefined : ran?.jobId);
    expect(await fleet.keys('flight')).toEqual([]);
  });

  test('hold no slot while they wait: others run meanwhile, and no attempt is spent', async () => {
    const equal = { ...shell('sleep 4'), attempts: 1 };
    const running = runAll(equal, 10);
    await eventually('the flight has begun', async () => (await fleet.keys('flight')).length === 1);
    const { cache: _none, ...other } = shell('echo meanwhile');
    const meanwhile = await Promise.all(Array.from({ length: 6 }, () => fleet.run(other)));
    expect(meanwhile.every(({ commands }) => commands[0]?.stdout.data === 'meanwhile\n')).toBe(true);
    const results = await running;
    const [ran] = results.filter(isRun);
    for (const { finishedAt } of meanwhile) expect(finishedAt).toBeLessThan(ran?.finishedAt ?? 0);
    expect(results.filter(isRun)).toHaveLength(1);
    expect(results.every(({ state }) => state === 'finished')).toBe(true);
  });

  test('run beside each other when the first has shown that nothing can be kept of them', async () => {
    const results = await runAll({ ...shell('sleep 9'), limits: { wallTimeMs: 1500 } }, 8);
    expect(results.every(isRun)).toBe(true);
    const runs = results.map(({ finishedAt, commands }) => {
      expect(commands[0]?.outcome.kind).toBe('wall-time-exceeded');
      return { from: finishedAt - 1300, to: finishedAt };
    });
    const together = runs.filter((one) =>
      runs.some((other) => other !== one && other.from < one.to && one.from < other.to),
    );
    expect(together.length).toBeGreaterThanOrEqual(6);
  });

  test('can each be cancelled while they wait, and the one that runs leaves its place to another', async () => {
    const job = shell('sleep 3; date +%s%N');
    const handles = await Promise.all(Array.from({ length: 4 }, () => fleet.client.submit(job)));
    await eventually('three wait', () => handles.filter(({ id }) => putOff(id) !== undefined).length === 3);
    const { jobId } = await findHolder();
    const [waiting, ...others] = handles.filter(({ id }) => id !== jobId);
    expect(await waiting?.cancel()).toBe(true);
    expect(await fleet.client.job(jobId).cancel()).toBe(true);
    expect(await waiting?.result(wait)).toMatchObject({ state: 'cancelled', receipt: null });
    expect(await fleet.client.job(jobId).result(wait)).toMatchObject({ state: 'cancelled' });
    const results = await Promise.all(others.map((handle) => handle.result(wait)));
    expect(results.map(({ state }) => state)).toEqual(['finished', 'finished']);
    expect(results.filter(isRun)).toHaveLength(1);
  });
});

describe('a flight', () => {
  test('ends with its worker: whoever waits takes over when that one is killed', async () => {
    const handles: JobHandle[] = [];
    const job = shell('sleep 3; date +%s%N');
    for (let count = 0; count < 5; count += 1) handles.push(await fleet.client.submit({ ...job, attempts: 3 }));
    await eventually('four wait', () => handles.filter(({ id }) => putOff(id) !== undefined).length === 4);
    const { worker } = await findHolder();
    worker.signal('SIGKILL');
    await worker.ended;
    await fleet.add();
    const results = await Promise.all(handles.map((handle) => handle.result(wait)));
    expect(results.filter(isRun)).toHaveLength(1);
    expect(results.every(({ receipt }) => receipt?.worker !== worker.workerId)).toBe(true);
    expect(new Set(results.map(({ commands }) => commands[0]?.stdout.data)).size).toBe(1);
  });

  test('of a job that is gone holds nobody up', async () => {
    const job = shell('echo soon');
    await fleet.run(job);
    const [entry = ''] = await fleet.keys('cache');
    const flight = entry.replace('/cache:', '/flight:');
    for (const left of ['1 token:1 gone-1', 'nonsense', '', '1 token:1 * *']) {
      await fleet.redis.del(entry);
      await fleet.redis.set(flight, left);
      expect(isRun(await fleet.run(job))).toBe(true);
    }
    await fleet.redis.del(entry, flight);
    await fleet.redis.rpush(flight, 'no', 'text');
    expect(isRun(await fleet.run(job))).toBe(true);
    expect(fleet.workers.filter(({ log }) => log.some(({ msg }) => msg === 'result cache error'))).toEqual([]);
  });
});
