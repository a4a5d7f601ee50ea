import { type Client, createClient } from '@bullpen/client';
import { doubtsKey, defaultFleetNames } from '@bullpen/protocol';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../../tests/support/eventually.ts';
import { startRedis, type TestRedis } from '../../../tests/support/redis.ts';
import { startWorkerProcess, type TestWorker } from '../../../tests/support/worker.ts';
import { healthOf, lineOf } from './support/ask-health.ts';
import { makeSpoiledView, type SpoiledView } from './support/spoiled-view.ts';

const wait = { timeoutMs: 60_000 };
const job = { profile: 'bash', commands: [{ argv: ['true'] }] };
const probe = "the host's files cannot be read";

let view: SpoiledView;
let redis: TestRedis;
let direct: Redis;
let client: Client;
let workers: TestWorker[] = [];

async function addWorker(settings: Record<string, string> = {}): Promise<TestWorker> {
  const worker = await startWorkerProcess(redis.socket, {
    BULLPEN_PROFILES_FILE: view.profilesFile,
    BULLPEN_HEALTH_PORT: '0',
    ...settings,
  });
  workers.push(worker);
  return worker;
}

beforeEach(async () => {
  view = makeSpoiledView();
  redis = await startRedis();
  direct = new Redis(redis.socket);
  client = createClient({ connection: redis.socket });
});

afterEach(async () => {
  await client.close();
  direct.disconnect();
  await Promise.all(workers.map((worker) => worker.close()));
  workers = [];
  await redis.close();
  view.remove();
});

const key = doubtsKey(defaultFleetNames);

test('a failed probe puts the results since the last clean round in doubt, and no others', {
  timeout: 120_000,
}, async () => {
  const worker = await addWorker({ BULLPEN_PROBE_INTERVAL_MS: '3000' });
  const stranger = await startWorkerProcess(redis.socket, { BULLPEN_QUEUE: 'another' });
  workers.push(stranger);
  const early = await (await client.submit(job)).result(wait);
  const proven = early.receipt?.provenAt ?? 0;
  expect(early.doubtful).toBeUndefined();
  expect(proven).toBeLessThanOrEqual(early.finishedAt);
  // Results until the slot has passed another round are proven by it.
  let late = early;
  await eventually('a round has passed since', async () => {
    late = await (await client.submit(job)).result(wait);
    return (late.receipt?.provenAt ?? 0) > proven;
  });
  view.spoil();
  await eventually('the probe has failed', () => lineOf(worker, 'probe failed: no jobs are taken') !== undefined);
  await eventually('the doubt is told', async () => (await direct.exists(key)) === 1);
  const again = await client.job(late.jobId).result(wait);
  expect(again).toMatchObject({ ...late, doubtful: { probe } });
  expect(again.doubtful?.since).toBeGreaterThan(proven);
  expect(again.doubtful?.since).toBeLessThanOrEqual(again.finishedAt);
  expect((await client.job(early.jobId).result(wait)).doubtful).toBeUndefined();
  // Whoever reads later, elsewhere, is told too.
  const other = createClient({ connection: redis.socket });
  expect((await other.job(late.jobId).result(wait)).doubtful).toEqual(again.doubtful);
  await other.close();

  view.mend();
  await eventually('probes pass again', async () => (await healthOf(worker)) === '200 OK', 30_000);
  const later = await (await client.submit(job)).result(wait);
  expect(later.receipt?.worker).toBe(worker.workerId);
  expect((await client.job(later.jobId).result(wait)).doubtful).toBeUndefined();
  expect((await client.job(late.jobId).result(wait)).doubtful).toEqual(again.doubtful);
});

test.each([
  ['results', 60_000, 30_000],
  ['what answers equal jobs', 30_000, 60_000],
])(
  'doubts are kept for as long as %s, in a bounded place',
  { timeout: 120_000 },
  async (_what, resultTtlMs, cacheAgeMs) => {
    const worker = await addWorker({
      BULLPEN_PROBE_INTERVAL_MS: '300',
      BULLPEN_RESULT_TTL_MS: String(resultTtlMs),
      BULLPEN_CACHE_AGE_MS: String(cacheAgeMs),
      BULLPEN_SLOTS: '2',
    });
    const { jobId } = await (await client.submit(job)).result(wait);
    view.spoil();
    await eventually('the probe has failed', () => lineOf(worker, 'probe failed: no jobs are taken') !== undefined);
    await eventually('the doubt is told', async () => (await direct.exists(key)) === 1);
    const [ofResult, ofDoubts] = await Promise.all([
      direct.pttl(`{bullpen}:bullpen/result:${jobId}`),
      direct.pttl(key),
    ]);
    expect(ofDoubts).toBeGreaterThanOrEqual(ofResult);
    expect(ofDoubts).toBeGreaterThan(45_000);
    expect(ofDoubts).toBeLessThanOrEqual(60_000);
    await eventually(
      'it has failed again and again',
      () => worker.log.filter(({ msg }) => msg === 'probe failed: no jobs are taken').length > 2,
      20_000,
    );
    // One about the slot and one about all of them, and one about the other slot where that failed, too.
    expect((JSON.parse((await direct.get(key)) ?? '[]') as unknown[]).length).toBeLessThanOrEqual(3);
  },
);

test('a worker that takes up the name of one in doubt is not in doubt itself', { timeout: 120_000 }, async () => {
  const first = await addWorker({ BULLPEN_WORKER_ID: 'w1', BULLPEN_PROBE_INTERVAL_MS: '300' });
  view.spoil();
  await eventually('the doubt is told', async () => (await direct.exists(key)) === 1);
  first.signal('SIGKILL');
  await first.ended;
  view.mend();
  await addWorker({ BULLPEN_WORKER_ID: 'w1' });
  const result = await (await client.submit(job)).result(wait);
  expect(result.receipt?.worker).toBe('w1');
  expect(result.doubtful).toBeUndefined();
});
