import { type Client, createClient } from '@bullpen/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../../tests/support/eventually.ts';
import { startRedis, type TestRedis } from '../../../tests/support/redis.ts';
import { startWorkerProcess, type TestWorker } from '../../../tests/support/worker.ts';
import { processesOf } from './support/process-tree.ts';

const wait = { timeoutMs: 15_000 };
const sleep = { profile: 'bash', commands: [{ argv: ['sleep', '30'] }, { argv: ['echo', 'never'] }] };

let redis: TestRedis;
let worker: TestWorker;
let client: Client;

beforeAll(async () => {
  redis = await startRedis();
  worker = await startWorkerProcess(redis.socket);
  client = createClient({ connection: redis.socket });
});

afterAll(async () => {
  await client?.close();
  await worker?.close();
  await redis?.close();
});

test('a running job is killed within 100 ms of being cancelled, and ends as cancelled', async () => {
  const times: number[] = [];
  const quick = (): number[] => times.filter((ms) => ms < 100);
  for (let round = 0; round < 5 || (quick().length < 3 && round < 25); round += 1) {
    const handle = await client.submit(sleep);
    await eventually('the program runs', () => processesOf(worker.pid, 'sleep').length === 1);
    const started = performance.now();
    expect(await handle.cancel()).toBe(true);
    const result = await handle.result(wait);
    times.push(performance.now() - started);
    expect(result.state).toBe('cancelled');
    expect(result.commands.map(({ outcome }) => outcome.kind)).toEqual(['cancelled', 'cancelled']);
    expect(result.receipt?.worker).toBe(worker.workerId);
    expect(await handle.state()).toBe('cancelled');
  }
  // A busy machine may delay some of them.
  expect(quick().length, String(times)).toBeGreaterThanOrEqual(3);
});

test('a waiting job is removed, never runs, and whoever waits for it hears of it, in other processes too', async () => {
  const blocker = await client.submit(sleep);
  await expect.poll(() => blocker.state()).toBe('running');
  const handle = await client.submit({ ...sleep, labels: { kind: 'waiting' } });
  const other = createClient({ connection: redis.socket });
  const results = [handle.result(wait), other.job(handle.id).result(wait)];
  expect(await handle.cancel()).toBe(true);
  for (const result of await Promise.all(results)) {
    expect(result).toMatchObject({
      state: 'cancelled',
      attempt: 0,
      receipt: null,
      startedAt: null,
      labels: { kind: 'waiting' },
    });
    expect(result.commands).toHaveLength(2);
  }
  await blocker.cancel();
  await blocker.result(wait);
  await other.close();
});

test('a job that has ended stays as it is, and one that never was cannot be cancelled', async () => {
  const handle = await client.submit({ profile: 'bash', commands: [{ argv: ['true'] }] });
  await handle.result(wait);
  expect(await handle.cancel()).toBe(false);
  expect(await handle.state()).toBe('finished');
  expect(await client.job('never-seen').cancel()).toBe(false);
});

test('whoever cancels a job that a worker has cancelled already hears that it is (twin: one that ended by itself)', async () => {
  const [slept, ended] = [
    await client.submit(sleep),
    await client.submit({ ...sleep, commands: [{ argv: ['true'] }] }),
  ];
  await expect.poll(() => slept.state()).toBe('running');
  await slept.cancel();
  await Promise.all([slept.result(wait), ended.result(wait)]);
  await expect.poll(() => slept.state()).toBe('cancelled');
  expect(await slept.cancel()).toBe(true);
  expect(await ended.cancel()).toBe(false);
});

test('a job cancelled just before a worker takes it is stopped when it is taken', async () => {
  const handles = await Promise.all(Array.from({ length: 20 }, () => client.submit(sleep)));
  await Promise.all(handles.map((handle) => handle.cancel()));
  const results = await Promise.all(handles.map((handle) => handle.result(wait)));
  expect(results.map(({ state }) => state)).toEqual(handles.map(() => 'cancelled'));
});
