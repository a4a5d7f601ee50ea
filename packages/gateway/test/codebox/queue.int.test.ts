import { type Client, createClient } from '@bullpen/client';
import { createCatalog } from '@bullpen/profiles';
import { Hono } from 'hono';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../../../tests/support/eventually.ts';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { codeboxDoor } from '../../src/codebox/index.ts';
import type { GatewayEnvironment } from '../../src/http/environment.ts';
import type { Caller } from '../../src/keys/caller.ts';
import { meter } from '../../src/http/meter.ts';
import { problemOf, renderProblem } from '../../src/http/problem.ts';
import { createKeyQuotas } from '../../src/keys/key-quotas.ts';

const catalog = createCatalog();
const logger = pino({ level: 'silent' });
const body = JSON.stringify({ sources: {}, commands: [{ command: '/bin/true' }] });
const post = { method: 'POST', body, headers: { 'content-type': 'application/json' } };

let redis: TestRedis;
let client: Client;
let direct: Redis;
beforeAll(async () => {
  redis = await startRedis();
  client = createClient({ connection: redis.socket });
  direct = new Redis(redis.socket);
});
afterAll(async () => {
  await client?.close();
  direct?.disconnect();
  await redis?.close();
});

const waitingJobs = (): Promise<number> => direct.zcard('{bullpen}:bullpen:prioritized');

describe('a fleet without workers', () => {
  test('a job that no worker takes in time is cancelled, and the answer is a 503 that may be tried again', async () => {
    const door = codeboxDoor({ client, catalog, logger }, { queueWaitMs: 300 });
    const answer = door.request('/execute', post);
    await eventually('the job waits in the queue', async () => (await waitingJobs()) === 1);
    const response = await answer;
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await response.json()).toEqual({
      detail: 'No worker was free within 300 ms: try again later, or add workers.',
    });
    expect(await waitingJobs()).toBe(0);
  });

  test('so is the job that asks for the languages, and the next request asks again', async () => {
    const door = codeboxDoor({ client, catalog, logger }, { queueWaitMs: 100 });
    expect((await door.request('/languages')).status).toBe(503);
    expect(await waitingJobs()).toBe(0);
    const second = door.request('/languages');
    await eventually('a job waits again', async () => (await waitingJobs()) === 1);
    expect((await second).status).toBe(503);
  });

  test('a client that goes away takes its job with it', async () => {
    const door = codeboxDoor({ client, catalog, logger }, { queueWaitMs: 60_000 });
    const leaving = new AbortController();
    const answer = Promise.resolve(door.request('/execute', { ...post, signal: leaving.signal }));
    await eventually('the job waits in the queue', async () => (await waitingJobs()) === 1);
    leaving.abort();
    expect((await answer).status).toBe(499);
    expect(await waitingJobs()).toBe(0);
  });

  test('a job outlives a door that vanished by a minute at most', async () => {
    const door = codeboxDoor({ client, catalog, logger }, { queueWaitMs: 1000 });
    const leaving = new AbortController();
    const before = Date.now();
    const answer = Promise.resolve(door.request('/execute', { ...post, signal: leaving.signal }));
    await eventually('the job waits in the queue', async () => (await waitingJobs()) === 1);
    const [id = ''] = await direct.zrange('{bullpen}:bullpen:prioritized', '0', '0');
    const data = (await direct.hget(`{bullpen}:bullpen:${id}`, 'data')) ?? '';
    leaving.abort();
    await answer;
    const { job } = JSON.parse(data);
    expect(job).toMatchObject({ profile: 'codebox', priority: 'interactive', resultTtlMs: 60_000 });
    const expiresAtMs = Date.parse(job.expiresAt);
    expect(expiresAtMs).toBeGreaterThan(before + 1000);
    expect(expiresAtMs).toBeLessThanOrEqual(Date.now() + 61_000);
  });
});

describe('the key of a request', () => {
  const doorFor = (ceilings: Caller['ceilings']): Hono<GatewayEnvironment> => {
    const caller: Caller = { name: 'ci', scopes: new Set(), ceilings, rate: null };
    const app = new Hono<GatewayEnvironment>();
    app.onError((error) => renderProblem(problemOf(error)));
    app.use(async (c, next) => {
      c.set('caller', caller);
      await next();
    });
    app.use(meter(createKeyQuotas(client.quotas)));
    return app.route('/', codeboxDoor({ client, catalog, logger }, { queueWaitMs: 60_000 }));
  };

  test('bounds the time of all commands together', async () => {
    const door = doorFor({ wallTimeMs: 300 });
    const commands = [
      { command: 'true', timeout: 0.2 },
      { command: 'true', timeout: 0.2 },
    ];
    const refused = await door.request('/execute', { ...post, body: JSON.stringify({ sources: {}, commands }) });
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({
      code: 'above-key-ceiling',
      detail: 'limits.wallTimeMs of all commands together must be at most 300 for the key ci, got 400.',
    });
    expect(await waitingJobs()).toBe(0);
  });

  test('bounds how many jobs there are at a time', async () => {
    const door = doorFor({ jobs: 1 });
    const leaving = new AbortController();
    const first = Promise.resolve(door.request('/execute', { ...post, signal: leaving.signal }));
    await eventually('the job waits in the queue', async () => (await waitingJobs()) === 1);
    expect((await door.request('/execute', post)).status).toBe(429);
    leaving.abort();
    await first;
    const again = new AbortController();
    const others: unknown[] = [];
    await eventually('the next job waits in the queue', async () => {
      others.push(door.request('/execute', { ...post, signal: again.signal }));
      return (await waitingJobs()) === 1;
    });
    again.abort();
    await Promise.all(others);
  });
});

test('without Redis the answer is a 503', async () => {
  const away = await startRedis();
  const lonely = createClient({ connection: away.socket, failFastMs: 100 });
  await away.close();
  const response = await codeboxDoor({ client: lonely, catalog, logger }).request('/execute', post);
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('5');
  await lonely.close();
});

test('a job that cannot fit in its jail is a 422', async () => {
  const door = codeboxDoor({ client, catalog, logger }, { limits: { diskBytes: 65_536 } });
  const sources = { a: 'x'.repeat(100_000) };
  const response = await door.request('/execute', {
    ...post,
    body: JSON.stringify({ sources, commands: [{ command: 'true' }] }),
  });
  expect(response.status).toBe(422);
  expect(await response.json()).toMatchObject({
    detail: [
      {
        type: 'value_error',
        loc: ['body'],
        msg: expect.stringMatching(/^Value error, files take 102400 bytes on disk/),
      },
    ],
  });
});
