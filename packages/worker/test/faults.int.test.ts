import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from '@bullpen/client';
import { createCatalog, type Profile } from '@bullpen/profiles';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../../tests/support/eventually.ts';
import { startRedis, type TestRedis } from '../../../tests/support/redis.ts';
import { startWorkerProcess, type TestWorker } from '../../../tests/support/worker.ts';
import { processesOf } from './support/process-tree.ts';

const wait = { timeoutMs: 20_000 };
const bash = createCatalog().get('bash');
if (bash === undefined) throw new Error('There is no profile bash.');
const absent: Profile = {
  ...bash,
  name: 'absent',
  toolchain: { ...bash.toolchain, programs: ['/opt/no-such-language'] },
};

let folder: string;
let redis: TestRedis;
let worker: TestWorker;
let client: Client;
let queue: Queue;
let direct: Redis;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bullpen-profiles-'));
  const file = join(folder, 'profiles.json');
  writeFileSync(file, JSON.stringify([absent]));
  redis = await startRedis();
  worker = await startWorkerProcess(redis.socket, { BULLPEN_PROFILES_FILE: file, BULLPEN_RETRY_DELAY_MS: '200' });
  client = createClient({ connection: redis.socket, profiles: [absent] });
  queue = new Queue('bullpen', { connection: { path: redis.socket }, prefix: '{bullpen}' });
  direct = new Redis(redis.socket);
});

afterAll(async () => {
  await client?.close();
  await queue?.close();
  direct?.disconnect();
  await worker?.close();
  await redis?.close();
  rmSync(folder, { recursive: true });
});

test('what another worker might do better is tried again with a growing pause, then failed with its code', async () => {
  const started = performance.now();
  const handle = await client.submit({ profile: 'absent', commands: [{ argv: ['true'] }], attempts: 3 });
  await expect(handle.result(wait)).rejects.toMatchObject({
    code: 'profile-unavailable',
    message: expect.stringContaining('/opt/no-such-language'),
  });
  // Two pauses: at least half of 200 ms, and half of 400 ms.
  expect(performance.now() - started).toBeGreaterThan(290);
  expect(await queue.getJob(handle.id)).toMatchObject({ attemptsMade: 3, attemptsStarted: 3 });
  expect(worker.log.filter((line) => line.job === handle.id).map((line) => line['attempt'])).toEqual([1, 2, 3]);
});

test('the failure is told to those who ask later, and to other clients', async () => {
  const handle = await client.submit({ profile: 'absent', commands: [{ argv: ['true'] }], attempts: 1 });
  await expect(handle.result(wait)).rejects.toMatchObject({ code: 'profile-unavailable' });
  const other = createClient({ connection: redis.socket });
  await expect(other.job(handle.id).result(wait)).rejects.toMatchObject({ code: 'profile-unavailable' });
  expect(await other.job(handle.id).state()).toBe('failed');
  await other.close();
});

describe('the record of a job that has failed for good', () => {
  const files = (bytes: number) => [{ path: 'library', content: 'x'.repeat(bytes) }];
  const recordBytes = (id: string) => direct.hstrlen(`{bullpen}:bullpen:${id}`, 'data');
  const refusal = { profile: 'absent', commands: [{ argv: ['true'] }], labels: { course: 'c1' }, attempts: 1 };

  async function fail(bytes: number): Promise<string> {
    const handle = await client.submit({ ...refusal, files: files(bytes) });
    await expect(handle.result(wait)).rejects.toMatchObject({ code: 'profile-unavailable' });
    return handle.id;
  }

  test('loses its files when they are large, and the id still belongs to that job', async () => {
    const job = { ...refusal, id: 'large-failure', files: files(3_000_000) };
    const handle = await client.submit(job);
    expect(await recordBytes(handle.id)).toBeGreaterThan(3_000_000);
    await expect(handle.result(wait)).rejects.toMatchObject({ code: 'profile-unavailable' });
    await eventually('the files are gone', async () => (await recordBytes(handle.id)) < 300);
    expect((await queue.getJob(handle.id))?.data).toMatchObject({
      job: { profile: 'absent', labels: { course: 'c1' } },
    });
    const again = await client.submit(job, { onConflict: 'refuse' });
    await expect(again.result(wait)).rejects.toMatchObject({ code: 'profile-unavailable' });
    const other = { ...job, files: files(2_999_999) };
    await expect(client.submit(other, { onConflict: 'refuse' })).rejects.toMatchObject({ code: 'id-taken' });
    expect(await handle.state()).toBe('failed');
  });

  test('stays whole when it is small', async () => {
    const [small, large] = [await client.submit({ ...refusal, files: files(1000) }), await fail(100_000)];
    await expect(small.result(wait)).rejects.toMatchObject({ code: 'profile-unavailable' });
    // One slot: the small one has failed before.
    await eventually('the files of another are gone', async () => (await recordBytes(large)) < 300);
    expect(await recordBytes(small.id)).toBeGreaterThan(1000);
  });
});

test('a job that loses its worker again and again is failed as worker-lost', async () => {
  const handle = await client.submit({ profile: 'bash', commands: [{ argv: ['sleep', '60'] }] });
  for (let loss = 0; loss < 3; loss += 1) {
    await eventually('the program runs', () => processesOf(worker.pid, 'sleep').length === 1);
    worker.signal('SIGKILL');
    await worker.ended;
    worker = await startWorkerProcess(redis.socket);
  }
  await expect(handle.result(wait)).rejects.toMatchObject({ code: 'worker-lost' });
});
