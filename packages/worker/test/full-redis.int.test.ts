import { Queue } from 'bullmq';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../../tests/support/eventually.ts';
import { patience } from '../../../tests/support/patience.ts';
import { askHealth, healthOf } from './support/ask-health.ts';
import { type OneWorker, startOneWorker } from './support/one-worker.ts';
import { processesOf } from './support/process-tree.ts';

const wait = { timeoutMs: 30_000 };
const say = (seconds: number) => ({
  profile: 'bash',
  commands: [{ argv: ['bash', '-c', `sleep ${seconds}; echo ok`] }],
});
const refused = 'Redis refuses to be written to: no jobs are taken until it is mended';
const taken = 'Redis can be written to again';

let fleet: OneWorker;
let queue: Queue;

let linesBefore = 0;

const linesOf = (msg: string) => fleet.worker.log.slice(linesBefore).filter((line) => line.msg === msg);
const sleepers = () => processesOf(fleet.worker.pid, 'sleep').length;

beforeAll(async () => {
  fleet = await startOneWorker({
    BULLPEN_HEALTH_PORT: '0',
    BULLPEN_LOCK_DURATION_MS: `${3000 * patience}`,
    BULLPEN_DRAIN_GRACE_MS: '200',
  });
  queue = new Queue('bullpen', { connection: { path: fleet.redis.socket }, prefix: '{bullpen}' });
});

beforeEach(() => {
  linesBefore = fleet.worker.log.length;
});

afterAll(async () => {
  await queue?.close();
  await fleet?.close();
});

/** Two jobs that run until Redis refuses, and four that wait; all end well once it accepts again. */
async function runThrough(refusals: { begin(): Promise<void>; end(): Promise<void> }): Promise<void> {
  const handles = await Promise.all([1, 1, 0, 0, 0, 0].map((seconds) => fleet.client.submit(say(seconds))));
  const results = handles.map((handle) => handle.result(wait));
  await eventually('two jobs run', () => sleepers() === 2);
  await refusals.begin();
  await refusals.end();
  for (const result of await Promise.all(results)) expect(result.state).toBe('finished');
  for (const { id } of handles) {
    await eventually('the job is completed', async () => (await queue.getJobState(id)) === 'completed');
    expect((await queue.getJob(id))?.attemptsMade).toBe(1);
    expect(linesOf('job ended').filter((line) => line.job === id)).toHaveLength(1);
  }
  expect(linesOf('job failed')).toEqual([]);
  await expect.poll(() => healthOf(fleet.worker)).toBe('200 OK');
}

/** The programs have ended, and the worker says what their results wait for. */
async function resultsWait(): Promise<void> {
  await eventually('the programs have ended', () => sleepers() === 0);
  await eventually('results wait', async () => (await askHealth(fleet.worker)).text.includes('redis-refuses'));
}

test('without a limit of memory six jobs end well', () =>
  runThrough({ begin: () => Promise.resolve(), end: () => Promise.resolve() }));

test('a Redis that is full while jobs end and locks are renewed fails no job, spends no attempt and is given no new ones', async () => {
  await runThrough({
    async begin() {
      await fleet.direct.config('SET', 'maxmemory', '1');
    },
    async end() {
      await resultsWait();
      expect(await queue.getPrioritizedCount()).toBe(4);
      const [active = ''] = await queue.getRanges(['active']);
      const lifeMs = () => fleet.direct.pttl(`{bullpen}:bullpen:${active}:lock`);
      const before = await lifeMs();
      await eventually('the lock of a job whose result waits is renewed', async () => (await lifeMs()) > before);
      await fleet.direct.config('SET', 'maxmemory', '0');
    },
  });
  expect(linesOf(refused)).toMatchObject([{ remedy: expect.stringContaining('raise maxmemory') }]);
  expect(linesOf(taken)).toHaveLength(1);
});

test('the same with a Redis that is made a replica for a moment', () =>
  runThrough({
    async begin() {
      await fleet.direct.replicaof('127.0.0.1', 1);
    },
    async end() {
      await resultsWait();
      await fleet.direct.replicaof('NO', 'ONE');
    },
  }));

test('a worker that stops while its result waits gives the job back, and no attempt is spent', async () => {
  const handle = await fleet.client.submit(say(1));
  await eventually('the job runs', () => sleepers() === 1);
  await fleet.direct.config('SET', 'maxmemory', '1');
  await resultsWait();
  fleet.worker.signal('SIGTERM');
  expect(await fleet.worker.ended).toBe(0);
  expect(await handle.state()).toBe('waiting');
  expect((await queue.getJob(handle.id))?.attemptsMade).toBe(0);
});
