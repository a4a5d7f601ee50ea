import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type NativeGateway,
  shellJob,
  startNativeGateway,
} from '../../../../tests/doors/native/support/native-gateway.ts';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { acceptedBody, problemBody, profilesBody, resultBody, statusBody } from '../../src/native/schemas.ts';

interface Operation {
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: object }>>;
}

const shapes = {
  Accepted: acceptedBody,
  JobStatus: statusBody,
  Problem: problemBody,
  Profiles: profilesBody,
  Result: resultBody,
};

let redis: TestRedis;
let gateway: NativeGateway;
let paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
/** A job that waits, and one that was cancelled. */
const ids = { waiting: '', cancelled: '' };

beforeAll(async () => {
  redis = await startRedis();
  const scopes = ['jobs:submit', 'jobs:read', 'jobs:cancel'] as const;
  gateway = await startNativeGateway(
    redis.socket,
    [
      { name: 'ci', scopes: [...scopes] },
      { name: 'none', scopes: [] },
      { name: 'low', scopes: [...scopes], ceilings: { memoryBytes: 1 } },
      { name: 'full', scopes: [...scopes], ceilings: { jobs: 1 }, rate: { perSecond: 0.001, burst: 2 } },
    ],
    { bodyBytes: 10_000 },
  );
  ({ paths } = (await (await gateway.ask(null, '/openapi.json')).json()) as { paths: typeof paths });
  for (const name of ['waiting', 'cancelled'] as const)
    ids[name] = ((await (await gateway.post('ci', '/v1/jobs', shellJob('true'))).json()) as { id: string }).id;
  await gateway.ask('ci', `/v1/jobs/${ids.cancelled}`, { method: 'DELETE' });
});
afterAll(async () => {
  await gateway?.close();
  await redis?.close();
});

const json = { 'content-type': 'application/json' };
const job = (more = {}): RequestInit => ({
  method: 'POST',
  headers: json,
  body: JSON.stringify(shellJob('true', more)),
});
const once = { ...job(), headers: { ...json, 'idempotency-key': 'once' } };

interface Asked {
  readonly key?: string | null;
  readonly init?: RequestInit;
  /** Behind the path. */
  readonly query?: string;
}

describe('what a gateway answers is what its document says', () => {
  test.for<[operation: string, status: number, what: string, asked: Asked]>([
    ['POST /v1/jobs', 202, '', { init: once }],
    ['POST /v1/jobs', 202, '', { init: once }],
    ['POST /v1/jobs', 422, 'id-taken', { init: { ...once, body: JSON.stringify(shellJob('false')) } }],
    ['POST /v1/jobs', 400, 'malformed-request', { init: { ...job(), body: '{' } }],
    ['POST /v1/jobs', 400, 'malformed-request', { init: job(), query: '?wait=61' }],
    ['POST /v1/jobs', 401, 'unauthorized', { key: null, init: job() }],
    ['POST /v1/jobs', 403, 'forbidden', { key: 'none', init: job() }],
    ['POST /v1/jobs', 403, 'above-key-ceiling', { key: 'low', init: job() }],
    ['POST /v1/jobs', 413, 'body-too-large', { init: { ...job(), body: ' '.repeat(10_001) } }],
    ['POST /v1/jobs', 415, 'unsupported-media-type', { init: { method: 'POST', body: '{}' } }],
    ['POST /v1/jobs', 422, 'invalid-job', { init: job({ surprise: 1 }) }],
    ['POST /v1/jobs', 422, 'unknown-profile', { init: job({ profile: 'cobol' }) }],
    ['POST /v1/jobs', 422, 'limit-above-ceiling', { init: job({ limits: { memoryBytes: 2 ** 36 } }) }],
    ['POST /v1/jobs', 202, '', { key: 'full', init: job() }],
    ['POST /v1/jobs', 429, 'too-many-jobs', { key: 'full', init: job() }],
    ['GET /v1/profiles', 429, 'rate-limited', { key: 'full' }],
    ['GET /v1/jobs/{waiting}', 200, '', {}],
    ['GET /v1/jobs/{cancelled}', 200, '', {}],
    ['GET /v1/jobs/{never}', 404, 'unknown-job', {}],
    ['GET /v1/jobs/{waiting}/result', 409, 'not-ended', {}],
    ['GET /v1/jobs/{waiting}/result', 400, 'malformed-request', { query: '?wait=x' }],
    ['GET /v1/jobs/{cancelled}/result', 200, '', {}],
    ['GET /v1/jobs/{never}/result', 404, 'unknown-job', {}],
    ['GET /v1/jobs/{waiting}/events', 400, 'malformed-request', { init: { headers: { 'last-event-id': '?' } } }],
    ['GET /v1/jobs/{waiting}/events', 204, '', { init: { headers: { 'last-event-id': 'end' } } }],
    ['GET /v1/jobs/{cancelled}/events', 200, '', {}],
    ['DELETE /v1/jobs/{cancelled}', 202, '', { init: { method: 'DELETE' } }],
    ['DELETE /v1/jobs/{never}', 404, 'unknown-job', { init: { method: 'DELETE' } }],
    ['GET /v1/profiles', 200, '', { key: 'none' }],
  ])('%s: %i %s', async ([operation, status, code, { key = 'ci', init = {}, query = '' }]) => {
    const [method = '', path = ''] = operation.split(' ');
    const id = (_: string, name: string): string => ids[name as keyof typeof ids] ?? `ci.${name}`;
    const response = await gateway.ask(key, path.replace(/\{(\w+)\}/, id) + query, init);
    expect(response.status).toBe(status);
    const documented = paths[path.replace(/\{\w+\}/, '{id}')]?.[method.toLowerCase()]?.responses[status];
    expect(documented).toBeDefined();
    const text = await response.text();
    const type = response.headers.get('content-type');
    expect(Object.keys(documented?.content ?? {})).toEqual(type === null ? [] : [type]);
    if (code !== '') {
      expect(JSON.parse(text)).toMatchObject({ code, status });
      expect(documented?.description).toContain(`\`${code}\``);
    }
    const [, shape] = /"#\/components\/schemas\/(\w+)"/.exec(JSON.stringify(documented)) ?? [];
    if (shape !== undefined) shapes[shape as keyof typeof shapes].parse(JSON.parse(text));
  });
});
