import { createClient } from '@bullpen/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OneWorker, startOneWorker } from './support/one-worker.ts';

const wait = { timeoutMs: 20_000 };
const echo = { profile: 'bash', commands: [{ argv: ['echo', 'well'] }] };
const message = JSON.stringify({ v: 1, submittedAt: 1, job: echo });
const sound = { name: 'job', data: message, opts: '{"attempts":2}', timestamp: '1', delay: '0', priority: '0' };
const queueKey = '{bullpen}:bullpen';

let fleet: OneWorker;

beforeAll(async () => {
  fleet = await startOneWorker();
});

afterAll(() => fleet?.close());

/** Puts a record into the queue as somebody would who can write to Redis but does not use a client. */
async function plant(id: string, record: Record<string, string>): Promise<void> {
  await fleet.direct.hset(`${queueKey}:${id}`, record);
  await fleet.direct.lpush(`${queueKey}:wait`, id);
  await fleet.direct.zadd(`${queueKey}:marker`, 0, '0');
}

const queueErrors = () => fleet.worker.log.filter(({ msg }) => msg === 'queue error').length;

describe('a record of the queue that BullMQ cannot read', () => {
  test.each([
    ['data-no-json', { ...sound, data: 'not json' }],
    ['data-null', { ...sound, data: 'null' }],
    ['nothing-but-a-name', { name: 'job' }],
    [
      'data-and-all',
      { ...sound, data: '{', opts: '}{', progress: '{', parent: '{', stacktrace: '{', returnvalue: '{' },
    ],
  ])('%s: fails at once as invalid, for those who wait and those who ask later', async (id, record) => {
    await plant(id, record);
    await expect(fleet.client.job(id).result(wait)).rejects.toMatchObject({ code: 'invalid-job' });
    expect(await fleet.direct.hmget(`${queueKey}:${id}`, 'ats', 'atm')).toEqual(['1', '1']);
    const later = createClient({ connection: fleet.redis.socket });
    await expect(later.job(id).result(wait)).rejects.toMatchObject({ code: 'invalid-job' });
    expect(await later.job(id).state()).toBe('failed');
    expect(await later.job(id).cancel()).toBe(false);
    await later.close();
    expect(queueErrors()).toBe(0);
  });

  test.each([
    ['opts-no-json', { ...sound, opts: '}{' }],
    ['opts-null', { ...sound, opts: 'null' }],
    ['opts-odd', { ...sound, opts: '{"attempts":{},"backoff":5,"parent":7,"tm":1}' }],
    ['parent-no-json', { ...sound, parent: 'x' }],
    ['parent-null', { ...sound, parent: 'null', parentKey: 'elsewhere:1' }],
    ['parent-elsewhere', { ...sound, parent: '{"id":"1","queueKey":"q","fpof":true}', parentKey: 'q:1' }],
    ['repeat', { ...sound, rjk: 'a:b:c:d:e' }],
    ['attempts-no-number', { ...sound, atm: 'x', stc: 'y' }],
  ])('%s: does not keep a sound message from its run', async (id, record) => {
    await plant(id, record);
    const result = await fleet.client.job(id).result(wait);
    expect(result).toMatchObject({ state: 'finished', attempt: 1 });
    await expect.poll(() => fleet.direct.hget(`${queueKey}:${id}`, 'finishedOn')).not.toBeNull();
    expect(queueErrors()).toBe(0);
  });

  test('starts-no-number: is started when the queue has found it stalled', async () => {
    await plant('starts-no-number', { ...sound, ats: 'x' });
    expect(await fleet.client.job('starts-no-number').result(wait)).toMatchObject({ state: 'finished' });
    expect(queueErrors()).toBeLessThan(3);
  });
});

test('the worker goes on with sound jobs', async () => {
  expect(await (await fleet.client.submit(echo)).result(wait)).toMatchObject({ state: 'finished' });
});
