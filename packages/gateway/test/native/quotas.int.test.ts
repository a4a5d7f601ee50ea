import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startGatewayProcess } from '../../../../tests/doors/native/support/gateway-process.ts';
import {
  type NativeGateway,
  shellJob,
  startNativeGateway,
} from '../../../../tests/doors/native/support/native-gateway.ts';
import { eventually } from '../../../../tests/support/eventually.ts';
import { patience } from '../../../../tests/support/patience.ts';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { type KeyWish, makeKey, type Scope, updateKeyFile } from '../../src/index.ts';

const scopes: Scope[] = ['jobs:submit', 'jobs:read', 'jobs:cancel'];
const slow = { perSecond: 0.001, burst: 5 };
/** One for each test: what is counted goes by the name of the key. */
const keys: KeyWish[] = [
  { name: 'rate', scopes, rate: slow },
  { name: 'jobs', scopes, ceilings: { jobs: 5 } },
  { name: 'again', scopes, ceilings: { jobs: 2 } },
  { name: 'one', scopes, ceilings: { jobs: 1 } },
  { name: 'killed', scopes, ceilings: { jobs: 2 } },
  { name: 'both', scopes, ceilings: { jobs: 2 }, rate: { perSecond: 0.001, burst: 7 } },
];

// A real Redis and no worker: jobs wait.
let redis: TestRedis;
let gateways: readonly [NativeGateway, NativeGateway];
let third: NativeGateway | null = null;

beforeAll(async () => {
  redis = await startRedis();
  gateways = [await startNativeGateway(redis.socket, keys), await startNativeGateway(redis.socket, keys)];
});
afterAll(async () => {
  await Promise.all((gateways ?? []).map((gateway) => gateway.close()));
  await third?.close();
  await redis?.close();
});

const submit = (gateway: NativeGateway, key: string, headers = {}): Promise<Response> =>
  gateway.post(key, '/v1/jobs', shellJob('true'), headers);
const idOf = async (response: Response): Promise<string> => ((await response.json()) as { id: string }).id;
const codeOf = async (response: Response): Promise<string> => ((await response.json()) as { code: string }).code;
/** How many of 50 requests, of both gateways in turn and all at once, were answered with each status. */
async function race(send: (gateway: NativeGateway) => Promise<Response>): Promise<Record<number, number>> {
  const answers = await Promise.all(Array.from({ length: 50 }, (_, turn) => send(gateways[turn % 2 === 0 ? 0 : 1])));
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

describe('gateways of one fleet', () => {
  test('have one rate for a key, and one that starts later has it, too', async () => {
    expect(await race((gateway) => gateway.ask('rate', '/v1/profiles'))).toEqual({ 200: 5, 429: 45 });
    third ??= await startNativeGateway(redis.socket, keys);
    const refused = await third.ask('rate', '/v1/profiles');
    expect([refused.status, await codeOf(refused)]).toEqual([429, 'rate-limited']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(900);
  });

  test('have one ceiling of jobs for a key, and one that starts later has it, too', async () => {
    expect(await race((gateway) => submit(gateway, 'jobs'))).toEqual({ 202: 5, 429: 45 });
    third ??= await startNativeGateway(redis.socket, keys);
    const refused = await submit(third, 'jobs');
    expect([refused.status, refused.headers.get('retry-after'), await codeOf(refused)]).toEqual([
      429,
      '1',
      'too-many-jobs',
    ]);
  });

  test('find the place of a job that has ended at another one', async () => {
    const [here, there] = gateways;
    const id = await idOf(await submit(here, 'one'));
    expect((await submit(there, 'one')).status).toBe(429);
    await here.ask('one', `/v1/jobs/${id}`, { method: 'DELETE' });
    await eventually('a job is taken', async () => (await submit(there, 'one')).status === 202);
  });

  test('let a job that has a place be submitted again, and count it once', async () => {
    const [here, there] = gateways;
    const order = { 'idempotency-key': 'order-1' };
    const ids = [await idOf(await submit(here, 'again', order)), await idOf(await submit(there, 'again', order))];
    expect(ids[0]).toBe(ids[1]);
    expect((await submit(here, 'again')).status).toBe(202);
    expect(await idOf(await submit(here, 'again', order))).toBe(ids[0]);
    expect((await submit(here, 'again')).status).toBe(429);
  });

  test('ask for rate and place at once, and leave the place of what is no job', async () => {
    const [here] = gateways;
    const statuses = [];
    const job = shellJob('true');
    for (const body of [{}, shellJob('true', { cache: 5 }), shellJob('true', { profile: 'cobol' }), job, job])
      statuses.push((await here.post('both', '/v1/jobs', body)).status);
    expect(statuses).toEqual([422, 422, 422, 202, 202]);
    const full = await here.post('both', '/v1/jobs', {});
    expect([full.status, full.headers.get('ratelimit')]).toEqual([429, '"key";r=1;t=0']);
  });
});

test('a gateway that is killed leaves nothing counted but its jobs', { timeout: 30_000 * patience }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bullpen-keys-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const keysFile = join(folder, 'keys.json');
  const { key, text } = makeKey({ name: 'killed', scopes, ceilings: { jobs: 2 } });
  updateKeyFile(keysFile, () => [key]);
  const killed = await startGatewayProcess(redis.socket, { BULLPEN_HTTP_KEYS: keysFile });
  onTestFinished(() => killed.close());
  const headers = { authorization: `Bearer ${text}`, 'content-type': 'application/json' };
  const post = (path: string): Promise<Response> =>
    fetch(`${killed.origin}${path}`, { method: 'POST', body: JSON.stringify(shellJob('true')), headers });
  const id = await idOf(await post('/v1/jobs'));
  const waiting = post('/v1/jobs?wait=60').catch(() => null);
  const [other] = gateways;
  const direct = new Redis(redis.socket);
  onTestFinished(() => direct.disconnect());
  await eventually('both jobs wait', async () => (await direct.zcard('{bullpen}:bullpen/places:killed')) === 2);
  killed.signal('SIGKILL');
  expect(await waiting).toBeNull();
  expect((await submit(other, 'killed')).status).toBe(429);
  await other.ask('killed', `/v1/jobs/${id}`, { method: 'DELETE' });
  await eventually('a job is taken again', async () => (await submit(other, 'killed')).status === 202);
});

test('without Redis a key whose requests are counted is refused, and others are not', async () => {
  const away = await startRedis();
  const gateway = await startNativeGateway(away.socket, [
    { name: 'counted', scopes, rate: { perSecond: 100, burst: 100 } },
    { name: 'free', scopes },
  ]);
  onTestFinished(() => gateway.close());
  expect((await gateway.ask('counted', '/v1/profiles')).status).toBe(200);
  away.signal('SIGSTOP');
  onTestFinished(() => away.close());
  const refused = await gateway.ask('counted', '/v1/profiles');
  expect([refused.status, refused.headers.get('retry-after'), await codeOf(refused)]).toEqual([
    503,
    '2',
    'redis-unavailable',
  ]);
  expect((await gateway.ask('free', '/v1/profiles')).status).toBe(200);
  away.signal('SIGCONT');
  await eventually('it is counted again', async () => (await gateway.ask('counted', '/v1/profiles')).status === 200);
});
