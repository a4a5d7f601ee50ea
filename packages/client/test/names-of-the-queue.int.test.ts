import { isJobId } from '@bullpen/protocol';
import { QueueKeys } from 'bullmq';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../tests/support/redis.ts';
import { type Client, createClient } from '../src/index.ts';

const names = Object.keys(new QueueKeys().getKeys('any')).filter((name) => name !== '');
const job = { profile: 'bash', commands: [{ argv: ['true'] }] };

let redis: TestRedis;
let client: Client;

beforeAll(async () => {
  redis = await startRedis();
  client = createClient({ connection: redis.socket });
  // So that the queue's own keys are there.
  await client.submit({ ...job, id: 'first' });
});

afterAll(async () => {
  await client?.close();
  await redis?.close();
});

test('no job can have the name of a key of the queue (twin: with a word more it can)', () => {
  expect(names.length).toBeGreaterThan(15);
  expect(names.filter(isJobId)).toEqual([]);
  expect(names.map((name) => `${name}-1`).every(isJobId)).toBe(true);
});

test.each(names)('nothing is submitted as %s', async (id) => {
  await expect(client.submit({ ...job, id })).rejects.toMatchObject({ code: 'invalid-job' });
});

test.each(names)('%s is no job to ask for', async (id) => {
  const handle = client.job(id);
  expect(await handle.state()).toBe('unknown');
  expect(await handle.status()).toMatchObject({ state: 'unknown' });
  expect(await handle.cancel()).toBe(false);
});

test('the queue still takes jobs', async () => {
  const handle = await client.submit({ ...job, id: 'last' });
  expect(await handle.state()).toBe('waiting');
});
