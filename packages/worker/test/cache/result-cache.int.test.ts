import {
  cacheIndexKeys,
  cacheKey,
  defaultFleetNames,
  type Doubt,
  doubtsKey,
  flightKey,
  type Result,
} from '@bullpen/protocol';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { cacheDigest } from '../../src/cache/cache-digest.ts';
import { createProfileLayers } from '../../src/cache/profile-layers.ts';
import { putOffsMax } from '../../src/cache/put-off.ts';
import { type CacheAnswer, createResultCache, type Flight, type ResultCache } from '../../src/cache/result-cache.ts';
import { planJob } from '../../src/job/plan-job.ts';
import { makeLiteralProfiles, makeMessage } from '../support/literal-profiles.ts';
import { literalReceipt, makeLiteralReport, makeLiteralResult } from '../support/literal-result.ts';

const names = defaultFleetNames;
const facts = { jailer: '1.2', kernel: '6.1', architecture: 'x64', mode: 'root' } as const;
const layers = ['identity', 'seccomp'];
const plan = planJob(makeLiteralProfiles(), makeMessage({ cache: {} }), 0);
const digest = cacheDigest(plan, { ...facts, layers });
const entryKey = cacheKey(names, digest);
const markKey = flightKey(names, digest);
const lockOf = (jobId: string): string => `{bullpen}:bullpen:${jobId}:lock`;

let server: TestRedis;
let redis: Redis;
let events: string[];
let errors: unknown[];

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.socket);
});
beforeEach(async () => {
  await redis.flushall();
  [events, errors] = [[], []];
});
afterAll(async () => {
  redis?.disconnect();
  await server?.close();
});

function makeCache(bytesMax = 100_000, totalBytesMax = 1_000_000): ResultCache {
  return createResultCache({
    redis,
    names,
    floor: [['identity']],
    ageMs: 60_000,
    bytesMax,
    totalBytesMax,
    facts,
    layers: createProfileLayers({ bash: layers }),
    count: (event) => void events.push(event),
    onError: (error) => void errors.push(error),
  });
}

/** What the cache says to a job whose worker holds its lock with this token. */
async function ask(
  jobId: string,
  { token = `t:${jobId}`, starts = 1, requires = [] as 'cgroup'[], bytesMax = 100_000 } = {},
) {
  await redis.set(lockOf(jobId), token);
  const job = requires.length === 0 ? plan.job : { ...plan.job, requires };
  return makeCache(bytesMax).lookUp({ jobId, token, starts, plan: { ...plan, job }, runMsMax: 30_000 });
}

function flightOf(answer: CacheAnswer): Flight {
  if (answer.kind !== 'run') throw new Error(`The job does not run: ${answer.kind}.`);
  return answer.flight;
}

function delayOf(answer: CacheAnswer): number {
  if (answer.kind !== 'put-off') throw new Error(`The job is not put off: ${answer.kind}.`);
  return answer.delayMs;
}

/** Runs a job with this result. */
async function run(result: Result = makeLiteralResult()): Promise<void> {
  await flightOf(await ask(result.jobId)).keep(result);
}

describe('an entry', () => {
  test('answers jobs until its age is over, and ends the flight that made it', async () => {
    await run();
    expect(await ask('other')).toMatchObject({ kind: 'hit', entry: { jobId: 'ran', finishedAt: 200 } });
    expect(await redis.exists(markKey)).toBe(0);
    const left = await redis.pttl(entryKey);
    expect([left > 50_000, left <= 60_000]).toEqual([true, true]);
    expect(events).toEqual(['miss', 'kept', 'hit']);
  });

  test('is never left by a worker that has lost the lock of its job', async () => {
    const flight = flightOf(await ask('ran'));
    await redis.set(lockOf('ran'), 'another worker’s');
    await flight.keep(makeLiteralResult());
    expect(await redis.exists(entryKey)).toBe(0);
  });

  test('that is in doubt answers nobody, and answers again once the doubt is over', async () => {
    await run();
    const doubt: Doubt = { worker: 'w1', slot: 0, since: 150, until: null, probe: 'files', expiresAt: 1e15 };
    await redis.set(doubtsKey(names), JSON.stringify([doubt]));
    const flight = flightOf(await ask('other'));
    expect((await ask('third')).kind).toBe('put-off');
    await flight.abandon();
    await redis.set(doubtsKey(names), JSON.stringify([{ ...doubt, since: 201 }]));
    expect((await ask('other')).kind).toBe('hit');
    expect(events).toEqual(['miss', 'kept', 'unusable', 'miss', 'unusable', 'put-off', 'hit']);
  });

  test('of a run that lacked what the job requires is none for it', async () => {
    await run();
    expect((await ask('other', { requires: ['cgroup'] })).kind).toBe('run');
    expect((await ask('third')).kind).toBe('hit');
  });

  test('is not kept of a run whose jail had other layers than those that the digest names', async () => {
    await run(makeLiteralResult({ receipt: { ...literalReceipt, layers: [{ name: 'identity', detail: '' }] } }));
    expect(await redis.exists(entryKey)).toBe(0);
  });

  test('of too many bytes is not read, whoever left it', async () => {
    await run();
    expect((await ask('other', { bytesMax: await redis.strlen(entryKey) })).kind).toBe('hit');
    expect((await ask('other', { bytesMax: (await redis.strlen(entryKey)) - 1 })).kind).toBe('run');
  });
});

describe('all entries together', () => {
  /** Keeps what a job of this scope made, and says which of the scopes still have an entry. */
  async function keep(scope: string, totalBytesMax: number): Promise<string> {
    const request = { ...plan, job: { ...plan.job, cache: { scope } } };
    await redis.set(lockOf(scope), 't');
    const lookedUp = { jobId: scope, token: 't', starts: 1, plan: request, runMsMax: 1000 };
    await flightOf(await makeCache(100_000, totalBytesMax).lookUp(lookedUp)).keep(makeLiteralResult({ jobId: scope }));
    const there = await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (each) => {
        const digestOfScope = cacheDigest(
          { ...plan, job: { ...plan.job, cache: { scope: each } } },
          { ...facts, layers },
        );
        return (await redis.exists(cacheKey(names, digestOfScope))) === 1 ? each : '';
      }),
    );
    return there.join('');
  }

  test('have at most so many bytes: the oldest goes, with its place in the index', async () => {
    expect(await keep('a', 1e6)).toBe('a');
    const size = Number(await redis.get(cacheIndexKeys(names)[1]));
    expect(size).toBe(await redis.strlen((await redis.keys('*/cache:*'))[0] ?? ''));
    expect(await keep('b', size * 2)).toBe('ab');
    expect(await keep('c', size * 2)).toBe('bc');
    expect(await keep('d', size * 2 - 1)).toBe('d');
    expect(await redis.zcard(cacheIndexKeys(names)[0])).toBe(1);
    expect(Number(await redis.get(cacheIndexKeys(names)[1]))).toBe(size);
    expect(await redis.pttl(cacheIndexKeys(names)[0])).toBeGreaterThan(50_000);
  });

  test('are kept on when their index is damaged, which is begun anew', async () => {
    const [index, bytes] = cacheIndexKeys(names);
    await redis.set(index, 'no set');
    expect(await keep('a', 1e6)).toBe('a');
    expect(await redis.exists(index, bytes)).toBe(0);
    await redis.set(bytes, 'no number');
    expect(await keep('b', 1e6)).toBe('ab');
    await redis.zadd(index, 1, 'no name');
    await redis.set(bytes, 10_000_000);
    expect(await keep('c', 1e6)).toBe('abc');
    expect(await keep('d', 1e6)).toBe('abcd');
    expect(await redis.zcard(index)).toBe(1);
    expect(errors).toEqual([]);
  });
});

test('what is no text stands in nobody’s way, under whichever key', async () => {
  for (const key of [entryKey, markKey, lockOf('gone')]) await redis.rpush(key, 'no', 'text');
  await run();
  expect((await ask('other')).kind).toBe('hit');
  await redis.del(entryKey);
  await redis.set(markKey, '1 t:gone gone');
  expect((await ask('other')).kind).toBe('run');
  expect(errors).toEqual([]);
});

describe('a flight', () => {
  test('puts others off while its worker holds the lock of its job, for longer the longer it lasts', async () => {
    const begun = performance.now();
    await ask('first');
    const delayMs = delayOf(await ask('second'));
    expect(delayMs).toBeLessThanOrEqual(50 + performance.now() - begun);
    const [since] = ((await redis.get(markKey)) ?? '').split(' ');
    await redis.set(markKey, `${Number(since) - 10_000} t:first first`);
    expect(delayOf(await ask('second'))).toBeGreaterThan(3700);
    await redis.del(lockOf('first'));
    expect((await ask('second')).kind).toBe('run');
    expect(await redis.get(markKey)).toMatch(/^\d+ t:second second$/);
    expect(events).toEqual(['miss', 'put-off', 'put-off', 'miss']);
  });

  test('is over when another worker has the job, or the same worker has it anew', async () => {
    await ask('first');
    await redis.set(lockOf('first'), 't:elsewhere');
    expect((await ask('second')).kind).toBe('run');
    expect((await ask('second')).kind).toBe('run');
    expect((await ask('third')).kind).toBe('put-off');
  });

  test('that comes to no end of its own lets the next one try', async () => {
    await flightOf(await ask('first')).abandon();
    expect((await ask('second')).kind).toBe('run');
    expect((await ask('third')).kind).toBe('put-off');
  });

  test('that brings nothing to keep lets equal jobs run beside each other for a minute, and until one does', async () => {
    const timeout = makeLiteralResult({ commands: [makeLiteralReport({ kind: 'wall-time-exceeded' })] });
    await run(timeout);
    expect(await redis.pttl(markKey)).toBeGreaterThan(50_000);
    const [second, third] = [await ask('second'), await ask('third')];
    await flightOf(second).abandon();
    expect((await ask('fourth')).kind).toBe('run');
    await redis.pexpire(markKey, 1000);
    await flightOf(second).keep(timeout);
    expect(await redis.pttl(markKey)).toBeGreaterThan(50_000);
    await flightOf(third).keep(makeLiteralResult({ jobId: 'third' }));
    expect(await ask('fifth')).toMatchObject({ kind: 'hit', entry: { jobId: 'third' } });
    expect(await redis.exists(markKey)).toBe(0);
  });

  test('of another is not ended by a worker that was taken for lost', async () => {
    const zombie = flightOf(await ask('first'));
    await redis.del(lockOf('first'));
    await ask('second');
    await zombie.abandon();
    await zombie.keep(makeLiteralResult());
    expect(await redis.get(markKey)).toMatch(/ t:second second$/);
  });

  test('keeps nobody waiting who has waited so often already', async () => {
    await ask('first');
    expect((await ask('second', { starts: putOffsMax })).kind).toBe('put-off');
    expect((await ask('second', { starts: putOffsMax + 1 })).kind).toBe('run');
    expect(await redis.get(markKey)).toMatch(/ t:first first$/);
  });
});

test('a Redis that refuses costs the job its answer, not its run', async () => {
  await redis.set(lockOf('first'), 't');
  await redis.config('SET', 'maxmemory', '1');
  const answer = await makeCache().lookUp({ jobId: 'first', token: 't', starts: 1, plan, runMsMax: 1000 });
  await flightOf(answer).keep(makeLiteralResult());
  await redis.config('SET', 'maxmemory', '0');
  expect(errors).toHaveLength(1);
  expect(await redis.keys('*/cache:*')).toEqual([]);
});
