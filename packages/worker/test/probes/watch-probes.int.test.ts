import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, createClient } from '@bullpen/client';
import { createCatalog } from '@bullpen/profiles';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../../../tests/support/eventually.ts';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { startWorkerProcess, type TestWorker, type WorkerLogLine } from '../../../../tests/support/worker.ts';
import { processesOf } from '../support/process-tree.ts';

let folder: string;
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
/** A folder of the host that the test's profile shows, so that the test can spoil what jails see. */
beforeEach(() => {
  folder = mkdtempSync('/var/tmp/bullpen-probes-');
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'home'), { mode: 0o755 });
  copyFileSync('/bin/bash', join(folder, 'bash'));
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.close()));
  workers = [];
  rmSync(folder, { recursive: true });
});

/** bash from the folder, which also shows the folder `home` as /root. */
function writeProfile(): string {
  const bash = createCatalog().get('bash');
  if (bash === undefined) throw new Error('There is no profile bash.');
  const profile = {
    ...bash,
    version: 99,
    toolchain: { ...bash.toolchain, programs: [join(folder, 'bash')], mountAt: '/opt/bash' },
    view: [...bash.view, { source: join(folder, 'home'), target: '/root', access: 'read', optional: false }],
  };
  const file = join(folder, 'profiles.json');
  writeFileSync(file, JSON.stringify([profile]));
  return file;
}

async function addWorker(settings: Record<string, string> = {}): Promise<TestWorker> {
  const worker = await startWorkerProcess(redis.socket, {
    BULLPEN_PROFILES_FILE: writeProfile(),
    BULLPEN_PROBE_INTERVAL_MS: '200',
    BULLPEN_HEALTH_PORT: '0',
    ...settings,
  });
  workers.push(worker);
  return worker;
}

const lineOf = (worker: TestWorker, msg: string): WorkerLogLine | undefined =>
  worker.log.find((line) => line.msg === msg);

async function healthOf(worker: TestWorker, path = '/health/'): Promise<string> {
  const port = lineOf(worker, 'health endpoint listens')?.['port'];
  const response = await fetch(`http://127.0.0.1:${String(port)}${path}`);
  return `${response.status} ${(await response.text()).split('\n')[0]}`;
}

const nap = { profile: 'bash', commands: [{ argv: ['sleep', '2'] }] };

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
  // From here on jails show a file of the host that they must not.
  writeFileSync(join(folder, 'home/.bashrc'), 'umask 077\n', { mode: 0o644 });
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
  await eventually('the job is in the queue again', async () => (await handle.state()) === 'waiting');
  expect(lineOf(worker, 'job given back to the queue')).toMatchObject({ job: handle.id });
  const later = await client.submit({ ...nap, commands: [{ argv: ['bash', '-c', 'echo later'] }] });
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await later.state()).toBe('waiting');

  rmSync(join(folder, 'home/.bashrc'));
  expect((await later.result({ timeoutMs: 30_000 })).commands[0]?.stdout.data).toBe('later\n');
  expect(await handle.result({ timeoutMs: 30_000 })).toMatchObject({ state: 'finished' });
  expect(await healthOf(worker)).toBe('200 OK');
  expect(lineOf(worker, 'probes pass again')).toBeDefined();
});

test('programs that no longer run fail their probe, and another worker takes the jobs', async () => {
  const worker = await addWorker();
  chmodSync(join(folder, 'bash'), 0);
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
  writeFileSync(join(folder, 'home/.bashrc'), 'umask 077\n', { mode: 0o644 });
  await expect(addWorker()).rejects.toThrow(
    /Slot 0 failed its proof .*the host's files cannot be read.*Refusing to take jobs/,
  );
});
