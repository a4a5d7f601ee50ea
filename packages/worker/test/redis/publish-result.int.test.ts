import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { type Publication, publishResult } from '../../src/redis/publish-result.ts';

const publication: Publication = {
  lockKey: 'lock',
  token: 'mine',
  resultKey: 'result',
  bytes: Buffer.from('{"a":1}'),
  ttlMs: 60_000,
  replacesUnreadable: false,
};
const another = { ...publication, bytes: Buffer.from('{"a":2}') };

let server: TestRedis;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.socket);
});

beforeEach(() => redis.flushall());

afterAll(async () => {
  redis?.disconnect();
  await server?.close();
});

test('a result is stored, with an age, while the lock holds the worker’s token', async () => {
  await redis.set('lock', 'mine');
  expect(await publishResult(redis, publication)).toBe('published');
  expect(await redis.get('result')).toBe('{"a":1}');
  expect(await redis.pttl('result')).toBeGreaterThan(50_000);
});

test('a zombie cannot publish: neither without the lock nor when another worker holds it', async () => {
  expect(await publishResult(redis, publication)).toBe('lock-lost');
  await redis.set('lock', 'another worker’s');
  expect(await publishResult(redis, { ...publication, replacesUnreadable: true })).toBe('lock-lost');
  expect(await redis.exists('result')).toBe(0);
});

test('a result that was accepted before stays', async () => {
  await redis.set('lock', 'mine');
  await publishResult(redis, publication);
  expect(await publishResult(redis, another)).toBe('kept-earlier');
  expect(await redis.get('result')).toBe('{"a":1}');
});

test('what the worker could not read as a result is written over', async () => {
  await redis.set('lock', 'mine');
  await redis.set('result', 'forged');
  expect(await publishResult(redis, { ...another, replacesUnreadable: true })).toBe('published');
  expect(await redis.get('result')).toBe('{"a":2}');
});

test('a key of another type is no result', async () => {
  await redis.set('lock', 'mine');
  await redis.lpush('result', 'forged');
  expect(await publishResult(redis, another)).toBe('published');
  expect(await redis.get('result')).toBe('{"a":2}');
  expect(await redis.pttl('result')).toBeGreaterThan(50_000);
});
