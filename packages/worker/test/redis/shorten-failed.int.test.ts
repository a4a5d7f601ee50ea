import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { shortenFailed } from '../../src/redis/shorten-failed.ts';

const key = 'queue:job';
const digest = 'd'.repeat(64);
const files = [{ path: 'library', content: 'x'.repeat(20_000) }];
const message = { v: 1, submittedAt: 5, job: { profile: 'bash', labels: { a: 'b' }, files }, digest };
const short = JSON.stringify({ v: 1, submittedAt: 5, job: { profile: 'bash', labels: { a: 'b' } }, digest });

let server: TestRedis;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.socket);
});

beforeEach(async () => {
  await redis.config('SET', 'maxmemory', '0');
  await redis.flushall();
  await redis.hset(key, { data: JSON.stringify(message), finishedOn: '7', failedReason: 'expired: late' });
});

afterAll(async () => {
  redis?.disconnect();
  await server?.close();
});

const data = () => redis.hget(key, 'data');

test('of a large message its profile, labels and digest stay, the digest at its end, and the rest of the record', async () => {
  await shortenFailed(redis, key, { data: message, finishedOn: 7 });
  expect(await redis.hgetall(key)).toEqual({ data: short, finishedOn: '7', failedReason: 'expired: late' });
});

test('a Redis whose memory is full lets go of it, too', async () => {
  await redis.config('SET', 'maxmemory', '1');
  await shortenFailed(redis, key, { data: message, finishedOn: 7 });
  expect(await data()).toBe(short);
});

test.each([
  ['that is tried again', { data: message }],
  ['whose id another job has by now', { data: message, finishedOn: 6 }],
])('nothing is taken from a job %s', async (_which, job) => {
  await shortenFailed(redis, key, job);
  expect(await data()).toBe(JSON.stringify(message));
});

test('nothing is made where there is no record any more', async () => {
  await redis.del(key);
  await shortenFailed(redis, key, { data: message, finishedOn: 7 });
  expect(await redis.exists(key)).toBe(0);
});

test('a message of another shape keeps its digest alone', async () => {
  await shortenFailed(redis, key, { data: { v: 1, job: { profile: 'x'.repeat(20_000) }, digest }, finishedOn: 7 });
  expect(await data()).toBe(JSON.stringify({ v: 1, digest }));
});
