import { createClient } from '@bullpen/client';
import { resultKey, defaultFleetNames } from '@bullpen/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OneWorker, startOneWorker } from './support/one-worker.ts';

const wait = { timeoutMs: 15_000 };
const echo = { profile: 'bash', commands: [{ argv: ['echo', 'true to its program'] }] };

let fleet: OneWorker;

beforeAll(async () => {
  fleet = await startOneWorker();
});

afterAll(() => fleet?.close());

const keyOf = (id: string): string => resultKey(defaultFleetNames, id);

describe('what somebody else put where the result of a job belongs is not taken for it', () => {
  test.each([
    ['no JSON', 'full marks'],
    ['no result', '{"state":"finished","commands":[]}'],
  ])('%s', async (what, text) => {
    const id = `forged-${what.replaceAll(' ', '-')}`;
    await fleet.direct.set(keyOf(id), text);
    const result = await (await fleet.client.submit({ id, ...echo })).result(wait);
    expect(result.commands[0]?.stdout.data).toBe('true to its program\n');
    expect(await fleet.direct.get(keyOf(id))).toBe(JSON.stringify(result));
  });

  test('the result of another job', async () => {
    const other = await (await fleet.client.submit(echo)).result(wait);
    await fleet.direct.set(keyOf('borrowed'), JSON.stringify(other));
    const result = await (await fleet.client.submit({ id: 'borrowed', ...echo })).result(wait);
    expect(result.jobId).toBe('borrowed');
  });

  test('a key of another type', async () => {
    await fleet.direct.lpush(keyOf('a-list'), 'full marks');
    const result = await (await fleet.client.submit({ id: 'a-list', ...echo })).result(wait);
    expect(result.commands[0]?.stdout.data).toBe('true to its program\n');
  });
});

test('a result that was damaged later is missing for its reader, and nobody else waits longer for it', async () => {
  const [damaged, sound] = [await fleet.client.submit(echo), await fleet.client.submit(echo)];
  await Promise.all([damaged.result(wait), sound.result(wait)]);
  await fleet.direct.set(keyOf(damaged.id), '{"state":');
  const reader = createClient({ connection: fleet.redis.socket });
  const [missing, found] = await Promise.allSettled([damaged, sound].map(({ id }) => reader.job(id).result(wait)));
  await reader.close();
  expect(missing).toMatchObject({ status: 'rejected', reason: { code: 'result-missing' } });
  expect(found).toMatchObject({ status: 'fulfilled', value: { jobId: sound.id } });
});
