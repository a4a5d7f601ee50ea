import { type Client, createClient } from '@bullpen/client';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../../../tests/support/eventually.ts';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { startWorkerProcess, type TestWorker } from '../../../../tests/support/worker.ts';
import { askHealth, healthOf, lineOf } from '../support/ask-health.ts';
import { processesOf } from '../support/process-tree.ts';
import { makeSpoiledView, type SpoiledView } from '../support/spoiled-view.ts';

let view: SpoiledView;
let redis: TestRedis;
let client: Client;
let workers: TestWorker[] = [];

beforeAll(async () => {
  redis = await startRedis();
  client = createClient({ connection: redis.socket });
});
afterAll(async () => {
  await client.close();
  await redis.close();
});
beforeEach(() => {
  view = makeSpoiledView();
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.close()));
  workers = [];
  view.remove();
});

async function addWorker(settings: Record<string, string> = {}): Promise<TestWorker> {
  const worker = await startWorkerProcess(redis.socket, {
    BULLPEN_PROFILES_FILE: view.profilesFile,
    BULLPEN_PROBE_INTERVAL_MS: '200',
    BULLPEN_HEALTH_PORT: '0',
    ...settings,
  });
  workers.push(worker);
  return worker;
}

const nap = { profile: 'bash', commands: [{ argv: ['sleep', '5'] }] };

test('a worker that is sound says so, and goes on probing', async () => {
  const worker = await addWorker();
  expect(await healthOf(worker)).toBe('200 OK');
  expect([await healthOf(worker, '/ready'), await healthOf(worker, '/live')]).toEqual(['200 OK', '200 OK']);
  const handle = await client.submit({ ...nap, commands: [{ argv: ['sleep', '0.5'] }] });
  expect((await handle.result({ timeoutMs: 20_000 })).state).toBe('finished');
  expect(lineOf(worker, 'probe failed: no jobs are taken')).toBeUndefined();
});

test('a failed probe is named, pauses the worker, gives its jobs back unharmed and turns health to 503, until probes pass again', async () => {
  const worker = await addWorker({ BULLPEN_SLOTS: '2' });
  const handle = await client.submit(nap);
  await eventually('the program runs', () => processesOf(worker.pid, 'sleep').length > 0);
  view.spoil();
  await eventually('the probe has failed', () => lineOf(worker, 'probe failed: no jobs are taken') !== undefined);
  expect(lineOf(worker, 'probe failed: no jobs are taken')).toMatchObject({
    level: 50,
    probe: "the host's files cannot be read",
  });
  expect([await healthOf(worker), await healthOf(worker, '/ready'), await healthOf(worker, '/live')]).toEqual([
    '503 UNAVAILABLE',
    '503 UNAVAILABLE',
    '200 OK',
  ]);
  expect((await askHealth(worker)).text).toContain('\nprobe-failed: ');
  const metrics = (await askHealth(worker, '/metrics')).text;
  expect(metrics).toContain('bullpen_worker_ready 0\n');
  expect(metrics).toContain('bullpen_probe_failed{probe="the host\'s files cannot be read"} 1\n');
  await eventually('the job is in the queue again', async () => (await handle.state()) === 'waiting');
  expect(lineOf(worker, 'job given back to the queue')).toMatchObject({ job: handle.id });
  const later = await client.submit({ ...nap, commands: [{ argv: ['bash', '-c', 'echo later'] }] });
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await later.state()).toBe('waiting');

  view.mend();
  expect((await later.result({ timeoutMs: 30_000 })).commands[0]?.stdout.data).toBe('later\n');
  expect(await handle.result({ timeoutMs: 30_000 })).toMatchObject({ state: 'finished' });
  expect(await healthOf(worker)).toBe('200 OK');
  expect(lineOf(worker, 'probes pass again')).toBeDefined();
  const counted = (await askHealth(worker, '/metrics')).text;
  for (const line of [
    'bullpen_worker_ready 1',
    'bullpen_slots{state="quarantined"} 0',
    'bullpen_probe_failed{probe="the host\'s files cannot be read"} 0',
    'bullpen_jobs_total{outcome="given-back"} 1',
    'bullpen_jobs_total{outcome="exited"} 2',
  ]) {
    expect(counted.split('\n')).toContain(line);
  }
  expect(counted).toMatch(/^bullpen_probe_rounds_total\{outcome="failed"\} [1-9]/m);
});

test('programs that no longer run fail their probe, and another worker takes the jobs', async () => {
  const worker = await addWorker();
  view.breakBash();
  await eventually('health is 503', async () => (await healthOf(worker)) === '503 UNAVAILABLE');
  expect(lineOf(worker, 'probe failed: no jobs are taken')).toMatchObject({
    probe: 'a program runs, reads and writes its work directory',
  });
  const handle = await client.submit({ ...nap, commands: [{ argv: ['true'] }] });
  const sound = await startWorkerProcess(redis.socket);
  workers.push(sound);
  expect((await handle.result({ timeoutMs: 20_000 })).receipt?.worker).toBe(sound.workerId);
});

test('a worker whose slots fail a probe at its start takes no job', async () => {
  view.spoil();
  await expect(addWorker()).rejects.toThrow(
    /Slot 0 failed its proof .*the host's files cannot be read.*Refusing to take jobs/,
  );
});
