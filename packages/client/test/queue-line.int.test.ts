import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../tests/support/redis.ts';
import { type Client, createClient } from '../src/index.ts';

const job = { profile: 'bash', commands: [{ argv: ['true'] }] };
const other = { ...job, commands: [{ argv: ['false'] }] };
const taken = { name: 'BullpenError', code: 'id-taken' };
const base = '{bullpen}:bullpen';

let redis: TestRedis;
let client: Client;
let direct: Redis;

beforeAll(async () => {
  redis = await startRedis();
  client = createClient({ connection: redis.socket });
  direct = new Redis(redis.socket);
});

beforeEach(() => direct.flushall());

afterAll(async () => {
  await client?.close();
  direct?.disconnect();
  await redis?.close();
});

describe('the place of a job', () => {
  test('counts from 1 in the order in which jobs are taken: batch jobs after interactive ones', async () => {
    const before = Date.now();
    const batch = await client.submit({ ...job, priority: 'batch' });
    const first = await client.submit(job);
    const second = await client.submit(job);
    const status = await Promise.all([first, second, batch].map((handle) => handle.status()));
    expect(status.map(({ state, position }) => [state, position])).toEqual([
      ['waiting', 1],
      ['waiting', 2],
      ['waiting', 3],
    ]);
    expect(status[0]?.submittedAt).toBeGreaterThanOrEqual(before);
    expect(status[0]?.submittedAt).toBeLessThanOrEqual(Date.now());
    await first.cancel();
    expect(await second.status()).toMatchObject({ state: 'waiting', position: 1 });
    expect(await first.status()).toEqual({
      state: 'cancelled',
      submittedAt: status[0]?.submittedAt,
      finishedAt: expect.any(Number),
    });
  });

  test('is none for a job that is not due yet, one that runs, and one that nobody submitted', async () => {
    const [delayed, running] = [await client.submit(job), await client.submit(job)];
    await direct.zrem(`${base}:prioritized`, delayed.id, running.id);
    await direct.zadd(`${base}:delayed`, 1, delayed.id);
    await direct.lpush(`${base}:active`, running.id);
    await direct.hset(`${base}:${running.id}`, 'processedOn', '1234');
    expect(await delayed.status()).toEqual({ state: 'waiting', submittedAt: expect.any(Number) });
    expect(await running.status()).toEqual({
      state: 'running',
      submittedAt: expect.any(Number),
      startedAt: 1234,
    });
    expect(await client.job('unheard-of').status()).toEqual({ state: 'unknown', submittedAt: null });
  });
});

test('the backlog is everything that waits, wherever the queue has it, and what runs', async () => {
  expect(await client.backlog()).toEqual({ waiting: 0, ahead: 0, running: 0 });
  await client.submit(job);
  await client.submit(job);
  await direct.zadd(`${base}:delayed`, 1, 'd');
  await direct.lpush(`${base}:wait`, 'w1', 'w2');
  await direct.lpush(`${base}:paused`, 'p');
  await direct.lpush(`${base}:active`, 'a1', 'a2', 'a3');
  expect(await client.backlog()).toEqual({ waiting: 6, ahead: 5, running: 3 });
});

test('ahead of an interactive job is what would be taken before it: no batch job that came just now', async () => {
  for (const priority of ['batch', 'interactive', 'batch', 'batch'] as const) await client.submit({ ...job, priority });
  expect(await client.backlog()).toEqual({ waiting: 4, ahead: 1, running: 0 });
  // One that has waited for a quarter of an hour.
  const [oldest = ''] = await direct.zrange(`${base}:prioritized`, '-1', '-1');
  await direct.zincrby(`${base}:prioritized`, -15 * 2 ** 32, oldest);
  expect(await client.backlog()).toEqual({ waiting: 4, ahead: 2, running: 0 });
  expect(await (await client.submit(job)).status()).toMatchObject({ position: 3 });
});

test('a result of a job that was cancelled while it waited is kept as long as the job says, and the client at most', async () => {
  const kept = async (resultTtlMs?: number): Promise<number> => {
    const handle = await client.submit({ ...job, ...(resultTtlMs !== undefined && { resultTtlMs }) });
    await handle.cancel();
    return direct.pttl(`{bullpen}:bullpen/result:${handle.id}`);
  };
  expect(await kept(5000)).toBeLessThanOrEqual(5000);
  for (const ms of [await kept(), await kept(30 * 86_400_000)]) {
    expect(ms).toBeGreaterThan(86_000_000);
    expect(ms).toBeLessThanOrEqual(86_400_000);
  }
});

describe('an id that was used for another job', () => {
  test('leads to the first job, unless the caller asks for a refusal', async () => {
    await client.submit({ ...job, id: 'one' });
    expect((await client.submit({ ...other, id: 'one' })).id).toBe('one');
    await expect(client.submit({ ...other, id: 'one' }, { onConflict: 'refuse' })).rejects.toMatchObject({
      ...taken,
      message: expect.stringMatching(/^The id one was used for another job/),
    });
  });

  test('is told from the same job, however its fields were written', async () => {
    await client.submit({ ...job, id: 'one', labels: { a: '1', b: '2' } }, { onConflict: 'refuse' });
    const again = { labels: { b: '2', a: '1' }, attempts: 3, ...job, id: 'one' };
    expect((await client.submit(again, { onConflict: 'refuse' })).id).toBe('one');
    expect(await client.backlog()).toEqual({ waiting: 1, ahead: 1, running: 0 });
  });

  test('is told when the queue has forgotten the job and only its result is kept', async () => {
    const handle = await client.submit({ ...job, id: 'one' });
    await handle.cancel();
    expect(await direct.exists(`${base}:one`)).toBe(0);
    await expect(client.submit({ ...other, id: 'one' }, { onConflict: 'refuse' })).rejects.toMatchObject(taken);
    expect((await client.submit({ ...job, id: 'one' }, { onConflict: 'refuse' })).id).toBe('one');
  });

  test('is told of two that come at the same time: one is refused', async () => {
    const both = [job, other].map((each) => client.submit({ ...each, id: 'race' }, { onConflict: 'refuse' }));
    const ended = await Promise.allSettled(both);
    expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('is not mistaken for one when a text of the job looks like the end of a message', async () => {
    const forged = `"digest":"${'0'.repeat(64)}"}`;
    const odd = { ...job, id: 'odd', labels: { forged }, files: [{ path: 'a', content: forged }] };
    await client.submit(odd);
    expect((await client.submit(odd, { onConflict: 'refuse' })).id).toBe('odd');
  });
});
