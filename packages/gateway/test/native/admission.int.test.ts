import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type NativeGateway,
  shellJob,
  startNativeGateway,
} from '../../../../tests/doors/native/support/native-gateway.ts';
import { readEvents } from '../../../../tests/doors/native/support/read-events.ts';
import { eventually } from '../../../../tests/support/eventually.ts';
import { patience } from '../../../../tests/support/patience.ts';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import type { KeyWish, Scope } from '../../src/index.ts';

// A real Redis and no worker: jobs wait.
const scopes: Scope[] = ['jobs:submit', 'jobs:read', 'jobs:cancel'];
const ci: KeyWish = { name: 'ci', scopes };
const cd: KeyWish = { name: 'cd', scopes };

let redis: TestRedis;
let gateway: NativeGateway;

beforeEach(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  await gateway?.close();
  await redis.close();
});

const submit = (key: string, script = 'true', headers: Record<string, string> = {}): Promise<Response> =>
  gateway.post(key, '/v1/jobs', shellJob(script), headers);
const idOf = async (response: Response): Promise<string> => ((await response.json()) as { id: string }).id;
const codeOf = async (response: Response): Promise<string> => ((await response.json()) as { code: string }).code;

describe('a job that waits', () => {
  beforeEach(async () => {
    gateway = await startNativeGateway(redis.socket, [ci, cd]);
  });

  test('has a place in the queue, has not ended, and can be cancelled', async () => {
    const [first, second] = [await idOf(await submit('ci')), await idOf(await submit('ci'))];
    const status = await gateway.ask('ci', `/v1/jobs/${second}`);
    expect(await status.json()).toEqual({
      id: second,
      state: 'waiting',
      position: 2,
      submittedAt: expect.any(Number),
      startedAt: null,
      finishedAt: null,
    });
    const early = await gateway.ask('ci', `/v1/jobs/${second}/result`);
    expect([early.status, early.headers.get('retry-after'), await codeOf(early)]).toEqual([409, '1', 'not-ended']);
    expect((await gateway.ask('ci', `/v1/jobs/${first}`, { method: 'DELETE' })).status).toBe(202);
    expect(await (await gateway.ask('ci', `/v1/jobs/${first}/result`)).json()).toMatchObject({ state: 'cancelled' });
    const again = await gateway.ask('ci', `/v1/jobs/${first}`, { method: 'DELETE' });
    expect([again.status, await again.json()]).toEqual([
      202,
      expect.objectContaining({ id: first, state: 'cancelled' }),
    ]);
  });

  test('is accepted when the wait is over before it', async () => {
    const response = await gateway.post('ci', '/v1/jobs?wait=0.1', shellJob('true'));
    expect([response.status, await response.json()]).toEqual([202, { id: expect.any(String), state: 'waiting' }]);
  });

  test.for(['-1', '61', '60.1', 'x', '1e1', ''])('is not waited for %j seconds', async (wait) => {
    const response = await gateway.post('ci', `/v1/jobs?wait=${wait}`, shellJob('true'));
    expect([response.status, await codeOf(response)]).toEqual([400, 'malformed-request']);
  });

  test('is in the part of the cache that is its key’s', async () => {
    const direct = new Redis(redis.socket);
    for (const [cache, scope] of [
      [{}, 'ci'],
      [{ scope: 'one' }, 'ci/one'],
    ] as const) {
      const id = await idOf(await gateway.post('ci', '/v1/jobs', shellJob('true', { cache })));
      const message = JSON.parse((await direct.hget(`{bullpen}:bullpen:${id}`, 'data')) ?? '') as {
        job: { cache: object };
      };
      expect(message.job.cache).toEqual({ scope });
    }
    direct.disconnect();
    for (const cache of [5, null, [], 'ci']) {
      const wrong = await gateway.post('ci', '/v1/jobs', shellJob('true', { cache }));
      expect([wrong.status, await codeOf(wrong)]).toEqual([422, 'invalid-job']);
    }
    const long = await gateway.post('ci', '/v1/jobs', shellJob('true', { cache: { scope: 'x'.repeat(65) } }));
    expect([long.status, await codeOf(long)]).toEqual([422, 'invalid-job']);
  });

  test('is submitted once under an idempotency key, and by its key alone', async () => {
    const headers = { 'idempotency-key': 'order-1' };
    const ids = await Promise.all([1, 2, 3].map(async () => idOf(await submit('ci', 'echo same', headers))));
    expect(new Set(ids).size).toBe(1);
    const other = await submit('ci', 'echo other', headers);
    expect([other.status, await codeOf(other)]).toEqual([422, 'id-taken']);
    expect(await idOf(await submit('cd', 'echo other', headers))).not.toBe(ids[0]);
    const spaced = await submit('ci', 'true', { 'idempotency-key': 'a b' });
    expect([spaced.status, await codeOf(spaced)]).toEqual([400, 'malformed-request']);
  });

  test.for([
    'cd.x',
    'ci.never',
    'ci.%2e%2e%2fresult',
    'ci.a%00',
    'ci.%252e',
    '%63d.x',
    'ci.a%2Fresult',
    `ci.${'a'.repeat(200)}`,
  ])('is unknown under the id %s', async (id) => {
    const response = await gateway.ask('ci', `/v1/jobs/${id}`);
    expect([response.status, await codeOf(response)]).toEqual([404, 'unknown-job']);
  });
});

describe('back-pressure', () => {
  test('refuses jobs of everybody beyond the backlog, until fewer wait', async () => {
    gateway = await startNativeGateway(redis.socket, [ci, cd], { backlog: 3 });
    const ids = [];
    for (let turn = 0; turn < 3; turn += 1) ids.push(await idOf(await submit('ci')));
    const refused = await submit('cd');
    expect([refused.status, refused.headers.get('retry-after'), await codeOf(refused)]).toEqual([
      503,
      '2',
      'overloaded',
    ]);
    expect((await gateway.ask('cd', '/v1/profiles')).status).toBe(200);
    await gateway.ask('ci', `/v1/jobs/${ids[0]}`, { method: 'DELETE' });
    await eventually('a job is taken again', async () => (await submit('cd')).status === 202);
  });

  test('refuses jobs of one key beyond its own bound, until one ends', async () => {
    gateway = await startNativeGateway(redis.socket, [{ ...ci, ceilings: { jobs: 2 } }, cd]);
    const [id] = [await idOf(await submit('ci')), await submit('ci')];
    const refused = await submit('ci');
    expect([refused.status, refused.headers.get('retry-after'), await codeOf(refused)]).toEqual([
      429,
      '1',
      'too-many-jobs',
    ]);
    expect((await submit('cd')).status).toBe(202);
    await gateway.ask('ci', `/v1/jobs/${id}`, { method: 'DELETE' });
    await eventually('a job is taken again', async () => (await submit('ci')).status === 202);
  });

  test('takes no place among event streams for whoever asks for the head alone', async () => {
    gateway = await startNativeGateway(redis.socket, [ci], { streamsPerKey: 1 });
    const path = `/v1/jobs/${await idOf(await submit('ci'))}/events`;
    for (let turn = 0; turn < 3; turn += 1)
      expect((await gateway.ask('ci', path, { method: 'HEAD' })).status).toBe(200);
    expect((await gateway.ask('ci', path)).status).toBe(200);
  });

  test('lets interactive jobs overtake a long queue of batch jobs', async () => {
    gateway = await startNativeGateway(redis.socket, [ci], { backlog: 2 });
    const submitBatch = (): Promise<Response> =>
      gateway.post('ci', '/v1/jobs', shellJob('true', { priority: 'batch' }));
    expect([(await submitBatch()).status, (await submitBatch()).status, (await submitBatch()).status]).toEqual([
      202, 202, 503,
    ]);
    expect((await submit('ci')).status).toBe(202);
  });

  test('bounds event streams of one key and of all', async () => {
    gateway = await startNativeGateway(redis.socket, [ci, cd], { streams: 3, streamsPerKey: 2 });
    const open = async (key: string): Promise<Response> =>
      gateway.ask(key, `/v1/jobs/${await idOf(await submit(key))}/events`);
    const streams = [await open('ci'), await open('ci')];
    expect(streams.map(({ status }) => status)).toEqual([200, 200]);
    const third = await open('ci');
    expect([third.status, await codeOf(third)]).toEqual([429, 'too-many-streams']);
    expect((await open('cd')).status).toBe(200);
    expect((await open('cd')).status).toBe(429);
    await streams[0]?.body?.cancel();
    await eventually('its place is free again', async () => (await open('ci')).status === 200);
  });
});

describe('the file of keys', () => {
  test('is read again when it changes, and at once when asked', async () => {
    gateway = await startNativeGateway(redis.socket, [ci]);
    gateway.addKeys({ name: 'new', scopes: ['jobs:read'] });
    await eventually('the new key is taken', async () => (await gateway.ask('new', '/v1/profiles')).status === 200);
    gateway.revoke('ci');
    gateway.running.reloadKeys();
    expect((await gateway.ask('ci', '/v1/profiles')).status).toBe(401);
    expect((await gateway.ask('new', '/v1/profiles')).status).toBe(200);
  });

  test('must have keys when a gateway starts', async () => {
    await expect(startNativeGateway(redis.socket, [])).rejects.toThrow(
      'a gateway does not answer without: make one with',
    );
  });
});

describe('a Redis that is away', () => {
  test('is told quickly, and is found when it is back', async () => {
    gateway = await startNativeGateway(redis.socket, [ci]);
    expect((await submit('ci')).status).toBe(202);
    await redis.kill();
    const before = performance.now();
    const refused = await Promise.all([submit('ci'), submit('ci'), gateway.ask('ci', '/v1/jobs/ci.x')]);
    expect(performance.now() - before).toBeLessThan(4000 * patience);
    for (const response of refused)
      expect([response.status, response.headers.get('retry-after'), await codeOf(response)]).toEqual([
        503,
        '2',
        'redis-unavailable',
      ]);
    expect((await gateway.ask(null, '/ready')).status).toBe(503);
    expect((await gateway.ask(null, '/live')).status).toBe(200);
    await redis.start();
    await eventually('jobs are taken again', async () => (await submit('ci')).status === 202);
    expect((await gateway.ask(null, '/ready')).status).toBe(200);
  });

  test('is told quickly when it is only silent', async () => {
    gateway = await startNativeGateway(redis.socket, [ci]);
    expect((await submit('ci')).status).toBe(202);
    redis.signal('SIGSTOP');
    try {
      const refused = await submit('ci');
      expect([refused.status, await codeOf(refused)]).toEqual([503, 'redis-unavailable']);
    } finally {
      redis.signal('SIGCONT');
    }
  });
});

describe('a gateway that stops', () => {
  test('ends event streams at once, lets requests end, and takes no more', async () => {
    gateway = await startNativeGateway(redis.socket, [ci]);
    const id = await idOf(await submit('ci'));
    const events = readEvents(await gateway.ask('ci', `/v1/jobs/${id}/events`));
    expect((await events.next()).value).toMatchObject({ event: 'state' });
    const waiting = gateway.ask('ci', `/v1/jobs/${id}/result?wait=1`);
    await eventually('the request has arrived', async () => (await gateway.ask(null, '/ready')).status === 200);
    const closing = gateway.running.close(20_000 * patience);
    expect((await events.next()).done).toBe(true);
    expect((await waiting).status).toBe(409);
    await closing;
    await expect(gateway.ask(null, '/live')).rejects.toThrow('fetch failed');
  });
});
