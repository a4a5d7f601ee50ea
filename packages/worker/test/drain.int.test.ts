import { Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../../tests/support/eventually.ts';
import type { TestWorker } from '../../../tests/support/worker.ts';
import { findMasterOf, processesOf } from './support/process-tree.ts';
import { type SomeWorkers, startSomeWorkers } from './support/some-workers.ts';

const wait = { timeoutMs: 20_000 };
const nap = (seconds: number) => ({ profile: 'bash', commands: [{ argv: ['sleep', String(seconds)] }] });

let fleet: SomeWorkers;
let queue: Queue;

async function startJob(worker: TestWorker, seconds: number) {
  const handle = await fleet.client.submit(nap(seconds));
  await eventually('the program runs', () => processesOf(worker.pid, 'sleep').length === 1);
  return handle;
}

beforeAll(async () => {
  fleet = await startSomeWorkers();
  queue = new Queue('bullpen', { connection: { path: fleet.redis.socket }, prefix: '{bullpen}' });
});

afterEach(() => fleet.closeWorkers());

afterAll(async () => {
  await queue?.close();
  await fleet?.close();
});

test('SIGTERM lets a running job end, takes no other, and ends the process with 0', async () => {
  const worker = await fleet.add();
  const running = await startJob(worker, 2);
  const waiting = await fleet.client.submit(nap(0));
  worker.signal('SIGTERM');
  expect((await running.result(wait)).receipt?.worker).toBe(worker.workerId);
  expect(await worker.ended).toBe(0);
  expect(await waiting.state()).toBe('waiting');
  await fleet.add();
  await waiting.result(wait);
});

test('past the grace a running job goes back to the queue, spends no attempt, and has one result from elsewhere', async () => {
  const first = await fleet.add({ BULLPEN_DRAIN_GRACE_MS: '100' });
  const handle = await startJob(first, 3);
  first.signal('SIGTERM');
  expect(await first.ended).toBe(0);
  expect(await handle.state()).toBe('waiting');
  expect((await queue.getJob(handle.id))?.attemptsMade).toBe(0);
  const second = await fleet.add();
  expect((await handle.result(wait)).receipt?.worker).toBe(second.workerId);
  expect(first.log.filter((line) => line.job === handle.id).map((line) => line.msg)).toEqual([
    'job given back to the queue',
  ]);
});

test('a second SIGTERM ends the grace at once', async () => {
  const worker = await fleet.add({ BULLPEN_DRAIN_GRACE_MS: '60000' });
  const handle = await startJob(worker, 20);
  worker.signal('SIGTERM');
  await eventually('the worker drains', () => worker.log.some((line) => line['to'] === 'draining'));
  const started = performance.now();
  worker.signal('SIGTERM');
  expect(await worker.ended).toBe(0);
  expect(performance.now() - started).toBeLessThan(10_000);
  expect(await handle.state()).toBe('waiting');
  await handle.cancel();
});

test('a worker whose jailer ends fails, and its job is tried elsewhere', async () => {
  const worker = await fleet.add();
  const handle = await startJob(worker, 2);
  process.kill(findMasterOf(worker.pid, 'sleep'), 'SIGKILL');
  expect(await worker.ended).toBe(1);
  expect(worker.log.some((line) => line.msg === 'worker failed')).toBe(true);
  await fleet.add();
  expect((await handle.result(wait)).state).toBe('finished');
});
