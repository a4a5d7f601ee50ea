import { type Client, createClient } from '@bullpen/client';
import { resultKey, defaultFleetNames } from '@bullpen/protocol';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../tests/support/redis.ts';
import { startWorkerProcess, type TestWorker } from '../../../tests/support/worker.ts';

const wait = { timeoutMs: 15_000 };
const echo = { profile: 'bash', commands: [{ argv: ['echo', 'true to its program'] }] };

let redis: TestRedis;
let worker: TestWorker;
let client: Client;
let direct: Redis;

beforeAll(async () => {
  redis = await startRedis();
  worker = await startWorkerProcess(redis.socket, { BULLPEN_SLOTS: '2' });
  client = createClient({ connection: redis.socket });
  direct = new Redis(redis.socket);
});

afterAll(async () => {
  await client?.close();
  direct?.disconnect();
  await worker?.close();
  await redis?.close();
});

const keyOf = (id: string): string => resultKey(defaultFleetNames, id);

describe('what somebody else put where the result of a job belongs is not taken for it', () => {
  test.each([
    ['no JSON', 'full marks'],
    ['no result', '{"state":"finished","commands":[]}'],
  ])('%s', async (what, text) => {
    const id = `forged-${what.replaceAll(' ', '-')}`;
    await direct.set(keyOf(id), text);
    const result = await (await client.submit({ id, ...echo })).result(wait);
    expect(result.commands[0]?.stdout.data).toBe('true to its program\n');
    expect(await direct.get(keyOf(id))).toBe(JSON.stringify(result));
  });

  test('the result of another job', async () => {
    const other = await (await client.submit(echo)).result(wait);
    await direct.set(keyOf('borrowed'), JSON.stringify(other));
    const result = await (await client.submit({ id: 'borrowed', ...echo })).result(wait);
    expect(result.jobId).toBe('borrowed');
  });

  test('a key of another type', async () => {
    await direct.lpush(keyOf('a-list'), 'full marks');
    const result = await (await client.submit({ id: 'a-list', ...echo })).result(wait);
    expect(result.commands[0]?.stdout.data).toBe('true to its program\n');
  });
});

test('a result that was damaged later is missing for its reader, and nobody else waits longer for it', async () => {
  const [damaged, sound] = [await client.submit(echo), await client.submit(echo)];
  await Promise.all([damaged.result(wait), sound.result(wait)]);
  await direct.set(keyOf(damaged.id), '{"state":');
  const reader = createClient({ connection: redis.socket });
  const [missing, found] = await Promise.allSettled([damaged, sound].map(({ id }) => reader.job(id).result(wait)));
  await reader.close();
  expect(missing).toMatchObject({ status: 'rejected', reason: { code: 'result-missing' } });
  expect(found).toMatchObject({ status: 'fulfilled', value: { jobId: sound.id } });
});
