import * as fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../../tests/support/eventually.ts';
import { startRedis, type TestRedis } from '../../../tests/support/redis.ts';
import { type Client, createClient } from '../src/index.ts';
import { openQuotas, type QuotaAnswer, type Quotas } from '../src/quotas.ts';

const names = { prefix: '{bullpen}', queue: 'bullpen' };
const job = { profile: 'bash', commands: [{ argv: ['true'] }] };

let redis: TestRedis;
let direct: Redis;
/** Two producers that count in the same names, each on a connection of its own. */
let clients: readonly [Client, Client];

beforeAll(async () => {
  redis = await startRedis();
  direct = new Redis(redis.socket);
  clients = [createClient({ connection: redis.socket }), createClient({ connection: redis.socket })];
});
beforeEach(() => direct.flushall());
afterAll(async () => {
  await Promise.all((clients ?? []).map((client) => client.close()));
  direct?.disconnect();
  await redis?.close();
});

let marks = 0;
const placeFor = (jobId: string, atMost: number) => ({ jobId, mark: `m${(marks += 1)}`, atMost });
const takePlace = (quotas: Quotas, jobId: string, atMost: number): Promise<QuotaAnswer> =>
  quotas.take('k', { rate: null, place: placeFor(jobId, atMost) });
const kinds = (answers: readonly QuotaAnswer[], kind: QuotaAnswer['kind']): number =>
  answers.filter((answer) => answer.kind === kind).length;

/** Of both producers in turn, all at once. */
const race = (count: number, take: (quotas: Quotas, turn: number) => Promise<QuotaAnswer>): Promise<QuotaAnswer[]> =>
  Promise.all(Array.from({ length: count }, (_, turn) => take(clients[turn % 2 === 0 ? 0 : 1].quotas, turn)));

describe('the rate of a holder', () => {
  const take = (rate: { perSecond: number; burst: number }, holder = 'k', client = clients[0]): Promise<QuotaAnswer> =>
    client.quotas.take(holder, { rate, place: null });

  test('is one for all producers, also when they ask at once', async () => {
    const rate = { perSecond: 0.001, burst: 7 };
    const answers = await race(50, (quotas) => quotas.take('k', { rate, place: null }));
    expect([kinds(answers, 'taken'), kinds(answers, 'too-fast')]).toEqual([7, 43]);
    const left = answers.filter(({ kind }) => kind === 'taken').map(({ remaining }) => remaining);
    expect(left.toSorted((one, other) => one - other)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    const refused = answers.find(({ kind }) => kind === 'too-fast');
    expect(refused?.retryAfterMs).toBeGreaterThan(900_000);
    expect(refused?.retryAfterMs).toBeLessThanOrEqual(1_000_000);
  });

  test('is each holder’s own, and each holder has a full bucket first', async () => {
    const rate = { perSecond: 0.001, burst: 1 };
    const answers = [await take(rate, 'a'), await take(rate, 'b'), await take(rate, 'a'), await take(rate, 'b')];
    expect(answers.map(({ kind }) => kind)).toEqual(['taken', 'taken', 'too-fast', 'too-fast']);
  });

  test('fills steadily', async () => {
    const rate = { perSecond: 20, burst: 1 };
    expect((await take(rate)).kind).toBe('taken');
    await eventually('the next request may come', async () => (await take(rate)).kind === 'taken');
  });

  test('outlives its producers', async () => {
    const rate = { perSecond: 0.001, burst: 1 };
    const gone = createClient({ connection: redis.socket });
    expect((await take(rate, 'k', gone)).kind).toBe('taken');
    await gone.close();
    expect((await take(rate)).kind).toBe('too-fast');
  });

  test('goes with its age when the bucket is full again', async () => {
    await take({ perSecond: 0.1, burst: 100 });
    expect(await direct.pttl('{bullpen}:bullpen/rate:k')).toBeGreaterThan(0);
    expect(await direct.pttl('{bullpen}:bullpen/rate:k')).toBeLessThanOrEqual(10_002);
  });

  test.for([
    ['another rate was known before', 10_000_000_000_000_000],
    ['the clock of Redis was set back', 4_000_000_000_000_000],
  ])('has an empty bucket at worst when %s', async ([, stored]) => {
    await direct.set('{bullpen}:bullpen/rate:k', String(stored));
    const { kind, retryAfterMs } = await take({ perSecond: 100, burst: 5 });
    expect([kind, retryAfterMs]).toEqual(['too-fast', 10]);
  });

  test('lets never more through than its burst and what its time allows', async () => {
    const rates = fc.record({
      perSecond: fc.double({ min: 0.01, max: 300, noNaN: true }),
      burst: fc.integer({ min: 1, max: 30 }),
    });
    const secondsNow = async (): Promise<number> => {
      const [seconds = 0, micros = 0] = (await direct.time()).map(Number);
      return seconds + micros / 1e6;
    };
    await fc.assert(
      fc.asyncProperty(rates, fc.uuid(), async (rate, holder) => {
        const before = await secondsNow();
        const answers = await race(40, (quotas) => quotas.take(holder, { rate, place: null }));
        const allowed = rate.burst + ((await secondsNow()) - before) * rate.perSecond;
        expect(kinds(answers, 'taken')).toBeLessThanOrEqual(allowed + 1e-3);
        expect(kinds(answers, 'taken')).toBeGreaterThanOrEqual(Math.min(rate.burst, 40));
      }),
      { numRuns: 30 },
    );
  });
});

describe('the places of a holder', () => {
  test('are so many for all producers, also when they ask at once', async () => {
    const answers = await race(50, (quotas, turn) => takePlace(quotas, `k.${turn}`, 7));
    expect([kinds(answers, 'taken'), kinds(answers, 'too-many')]).toEqual([7, 43]);
    expect(new Set(answers.filter(({ kind }) => kind === 'too-many').map(({ jobs }) => jobs))).toEqual(new Set([7]));
    expect((await clients[0].quotas.take('other', { rate: null, place: placeFor('x', 1) })).kind).toBe('taken');
  });

  test('stay taken while a job waits or runs, for all producers and those that come later', async () => {
    const [one, two] = clients;
    for (const id of ['k.1', 'k.2']) {
      expect((await takePlace(one.quotas, id, 2)).kind).toBe('taken');
      await one.submit({ ...job, id });
    }
    await direct.lpush('{bullpen}:bullpen:active', 'k.2');
    const hasty = openQuotas({ connection: { redis: direct }, names, graceMs: 0 });
    for (const quotas of [two.quotas, hasty]) expect((await takePlace(quotas, 'k.3', 2)).kind).toBe('too-many');
  });

  test.for([
    ['was cancelled', async (id) => void (await clients[0].job(id).cancel())],
    ['has ended', async (id) => void (await direct.hset(`{bullpen}:bullpen:${id}`, 'finishedOn', '1'))],
    [
      'has ended long ago',
      async (id) => {
        await direct.del(`{bullpen}:bullpen:${id}`);
        await direct.set(`{bullpen}:bullpen/result:${id}`, '{}');
      },
    ],
  ] satisfies [string, (id: string) => Promise<void>][])('are free when the job %s, whoever asks', async ([, end]) => {
    await takePlace(clients[0].quotas, 'k.1', 1);
    await clients[0].submit({ ...job, id: 'k.1' });
    expect((await takePlace(clients[1].quotas, 'k.2', 1)).kind).toBe('too-many');
    await end('k.1');
    expect((await takePlace(clients[1].quotas, 'k.2', 1)).kind).toBe('taken');
  });

  test('are free when their job has not arrived in time, and not before', async () => {
    await takePlace(clients[0].quotas, 'k.1', 1);
    expect((await takePlace(clients[1].quotas, 'k.2', 1)).kind).toBe('too-many');
    const hasty = openQuotas({ connection: { redis: direct }, names, graceMs: 50 });
    await eventually('the place is free', async () => (await takePlace(hasty, 'k.2', 1)).kind === 'taken');
  });

  test('are free when a clock that was set back says that they are yet to be taken', async () => {
    await direct.zadd('{bullpen}:bullpen/places:k', 10_000_000_000_000_000, 'k.1 m');
    expect((await takePlace(clients[0].quotas, 'k.2', 1)).kind).toBe('taken');
  });

  test('are given back one by one', async () => {
    const { quotas } = clients[0];
    const [mine, theirs] = [placeFor('k.1', 2), placeFor('k.1', 2)];
    for (const place of [mine, theirs, theirs])
      expect((await quotas.take('k', { rate: null, place })).kind).toBe('taken');
    expect((await takePlace(quotas, 'k.2', 2)).kind).toBe('too-many');
    await quotas.giveBack('k', mine);
    expect((await takePlace(quotas, 'k.2', 2)).kind).toBe('taken');
    expect((await takePlace(quotas, 'k.3', 2)).kind).toBe('too-many');
  });

  test('are not needed by a job that is there already', async () => {
    await takePlace(clients[0].quotas, 'k.1', 1);
    await clients[0].submit({ ...job, id: 'k.1' });
    expect((await takePlace(clients[1].quotas, 'k.1', 1)).kind).toBe('known');
    expect(await direct.zcard('{bullpen}:bullpen/places:k')).toBe(1);
  });

  test('are not needed by a job that has a result, but by one whose result is gone', async () => {
    await takePlace(clients[0].quotas, 'other', 1);
    await direct.hset('{bullpen}:bullpen:k.1', 'finishedOn', '1');
    await direct.set('{bullpen}:bullpen/result:k.1', '{}');
    expect((await takePlace(clients[1].quotas, 'k.1', 1)).kind).toBe('known');
    await direct.del('{bullpen}:bullpen/result:k.1');
    expect((await takePlace(clients[1].quotas, 'k.1', 1)).kind).toBe('too-many');
  });

  test('are found free in turns where there are many', async () => {
    const { quotas } = clients[0];
    await Promise.all(Array.from({ length: 250 }, (_, turn) => takePlace(quotas, `k.${turn}`, 250)));
    const ids = Array.from({ length: 250 }, (_, turn) => `k.${turn}`);
    for await (const handle of clients[0].submitMany(ids.map((id) => ({ ...job, id })))) void handle;
    await clients[0].job('k.249').cancel();
    const answers = [];
    for (let turn = 0; turn < 3; turn += 1) answers.push((await takePlace(quotas, `later.${turn}`, 250)).kind);
    expect(answers).toContain('taken');
  });
});

test('a request that comes too fast takes no place, and one without a place has counted', async () => {
  const ask = (jobId: string): Promise<QuotaAnswer> =>
    clients[0].quotas.take('k', { rate: { perSecond: 0.001, burst: 3 }, place: placeFor(jobId, 1) });
  expect([await ask('k.1'), await ask('k.2')]).toEqual([
    { kind: 'taken', remaining: 2, retryAfterMs: 0, jobs: 1 },
    { kind: 'too-many', remaining: 1, retryAfterMs: 0, jobs: 1 },
  ]);
  await direct.del('{bullpen}:bullpen/places:k');
  expect([(await ask('k.3')).kind, (await ask('k.4')).kind]).toEqual(['taken', 'too-fast']);
  expect(await direct.zcard('{bullpen}:bullpen/places:k')).toBe(1);
});

test('a Redis that is away is told', async () => {
  const away = await startRedis();
  const client = createClient({ connection: away.socket, failFastMs: 100 });
  await away.close();
  await expect(takePlace(client.quotas, 'k.1', 1)).rejects.toMatchObject({ code: 'redis-unavailable' });
  await client.close();
});
