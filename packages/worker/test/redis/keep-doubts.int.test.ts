import { defaultFleetNames, doubtsKey, parseDoubts } from '@bullpen/protocol';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { connectRedis, type RedisConnection } from '../../src/redis/connect.ts';
import { keepDoubts } from '../../src/redis/keep-doubts.ts';

const key = doubtsKey(defaultFleetNames);
const round = { probe: 'sockets', slot: 0, since: 100 };
let server: TestRedis;
let redis: RedisConnection;
const errors: unknown[] = [];

const keeper = (workerId: string, resultTtlMs = 60_000) =>
  keepDoubts({ redis, names: defaultFleetNames, workerId, resultTtlMs, onError: (error) => errors.push(error) });
const read = async () => parseDoubts(await redis.get(key));

beforeAll(async () => {
  server = await startRedis();
  redis = connectRedis(server.socket, () => {});
});
beforeEach(async () => {
  errors.length = 0;
  await redis.del(key);
});
afterAll(async () => {
  redis.disconnect();
  await server.close();
});

test('a doubt is raised, settled, and kept for as long as results are', async () => {
  const doubts = keeper('w1');
  doubts.raise([round, { ...round, slot: null, since: 150 }]);
  await doubts.close();
  expect(await read()).toMatchObject([
    { worker: 'w1', slot: 0, since: 100, until: null, probe: 'sockets' },
    { worker: 'w1', slot: null, since: 150, until: null },
  ]);
  const before = Date.now();
  const again = keeper('w1');
  again.settle();
  await again.close();
  for (const { until, expiresAt } of await read()) {
    expect(until).toBeGreaterThanOrEqual(before);
    expect(expiresAt).toBe((until ?? 0) + 60_000);
  }
  expect(await redis.pttl(key)).toBeGreaterThan(50_000);
});

test('workers that write at the same time lose nothing', async () => {
  const keepers = Array.from({ length: 20 }, (_, index) => keeper(`w${index}`));
  for (const doubts of keepers) doubts.raise([round]);
  for (const doubts of keepers.slice(0, 10)) doubts.settle();
  await Promise.all(keepers.map((doubts) => doubts.close()));
  const written = await read();
  expect(new Set(written.map(({ worker }) => worker)).size).toBe(20);
  expect(written.filter(({ until }) => until === null)).toHaveLength(10);
  expect(errors).toEqual([]);
});

test('settling writes nothing where nothing is in doubt', async () => {
  const doubts = keeper('w1');
  doubts.settle();
  await doubts.close();
  expect(await redis.exists(key)).toBe(0);
});

test('what somebody else has written there is written over', async () => {
  await redis.set(key, '{"forged":');
  const doubts = keeper('w1');
  doubts.raise([round]);
  await doubts.close();
  expect(await read()).toHaveLength(1);
});

test('a key of another type is an error that is told, and later doubts are tried again', async () => {
  await redis.hset(key, 'a', 'b');
  const doubts = keeper('w1');
  doubts.raise([round]);
  await doubts.close();
  expect(String(errors[0])).toContain('WRONGTYPE');
  await redis.del(key);
  doubts.raise([round]);
  await doubts.close();
  expect(await read()).toHaveLength(1);
});
