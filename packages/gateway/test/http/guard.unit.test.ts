import { describe, expect, it } from 'vitest';
import { type Scope, scopes } from '../../src/keys/api-key.ts';
import { makeKeyText } from '../../src/keys/key-text.ts';
import { openApp } from '../support/open-app.ts';

const backlog = async () => ({ waiting: 0, ahead: 0, running: 0 });

describe('a gateway with keys', () => {
  const { ask, textOf, log } = openApp({
    keys: [
      { name: 'all', scopes: [...scopes] },
      { name: 'none', scopes: [] },
      { name: 'old', scopes: [...scopes], expiresAt: '2001-01-01T00:00:00Z' },
    ],
    client: { backlog },
  });

  it.each(['/live', '/openapi.json', '/docs'])('answers %s without a key', async (path) => {
    expect((await ask(path)).status).toBe(200);
  });

  it.each([
    '/v1/profiles',
    '/v1/jobs/x',
    '/metrics',
    '/execute',
    '/languages',
    '/api/v0/code-exec',
    '/nowhere',
    '/v1',
    '//live',
    '/live/',
  ])('answers %s with 401 without a key', async (path) => {
    const response = await ask(path);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('Bearer');
  });

  it('takes a key that it has', async () => {
    expect((await ask('/v1/profiles', { key: 'all' })).status).toBe(200);
  });

  it.each([
    ['of a name that it has', () => makeKeyText('all')],
    ['of a name that it has not', () => makeKeyText('nobody')],
    ['with another name before the secret', () => textOf('all').replace('bp_all', 'bp_none')],
    ['that has more behind it', () => `${textOf('all')}x`],
    ['that has less', () => textOf('all').slice(0, -1)],
    ['that is over', () => textOf('old')],
    ['that is long', () => 'x'.repeat(8000)],
    ['that is empty', () => ''],
  ])('refuses a key %s', async (_what, text) => {
    expect((await ask('/v1/profiles', { headers: { authorization: `Bearer ${text()}` } })).status).toBe(401);
  });

  it.each(['Basic', 'Token', ''])('refuses a key that is sent as %j', async (scheme) => {
    expect((await ask('/v1/profiles', { headers: { authorization: `${scheme} ${textOf('all')}` } })).status).toBe(401);
  });

  it('refuses a key in the query', async () => {
    expect((await ask(`/v1/profiles?key=${textOf('all')}&authorization=Bearer%20${textOf('all')}`)).status).toBe(401);
  });

  it.each([
    ['/metrics', 'GET', 'metrics'],
    ['/v1/jobs', 'POST', 'jobs:submit'],
    ['/v1/jobs/none.x', 'GET', 'jobs:read'],
    ['/v1/jobs/none.x/result', 'GET', 'jobs:read'],
    ['/v1/jobs/none.x/events', 'GET', 'jobs:read'],
    ['/v1/jobs/none.x', 'DELETE', 'jobs:cancel'],
    ['/execute', 'POST', 'doors:codebox'],
    ['/languages', 'GET', 'doors:codebox'],
    ['/api/v0/code-exec', 'POST', 'doors:codejail'],
  ])('asks for a scope at %s %s', async (path, method, scope) => {
    const response = await ask(path, { method, key: 'none' });
    expect(response.status).toBe(403);
    expect(await response.text()).toContain(`"The key none lacks the scope ${scope}."`);
  });

  it('lets a key with the scope through', async () => {
    expect((await ask('/metrics', { key: 'all' })).status).toBe(200);
  });

  it('answers with 404 where nothing is', async () => {
    for (const path of ['/v1/nowhere', '/v1/jobs/', '/v1/jobs/all.x/', '/v1//jobs', '/V1/jobs', '/docs/'])
      expect([path, (await ask(path, { key: 'all' })).status]).toEqual([path, 404]);
  });

  it.each([
    ['/v1/jobs', 'POST'],
    ['/v1/jobs/all.x', 'GET, HEAD, DELETE'],
    ['/v1/jobs/all.x/result', 'GET, HEAD'],
    ['/v1/jobs/all.x/events', 'GET, HEAD'],
    ['/v1/profiles', 'GET, HEAD'],
    ['/openapi.json', 'GET, HEAD'],
    ['/docs', 'GET, HEAD'],
    ['/live', 'GET, HEAD'],
    ['/ready', 'GET, HEAD'],
    ['/metrics', 'GET, HEAD'],
    ['/execute', 'POST'],
    ['/languages', 'GET'],
    ['/api/v0/code-exec', 'POST, OPTIONS'],
  ])('answers other methods at %s with 405, and says that it takes %s', async (path, allow) => {
    for (const method of ['PUT', 'PATCH']) {
      const response = await ask(path, { method, key: 'all' });
      expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
    }
  });

  it.each(['/live', '/docs', '/openapi.json', '/metrics', '/v1/profiles'])(
    'answers HEAD at %s as GET, without a body',
    async (path) => {
      const [head, get] = [await ask(path, { method: 'HEAD', key: 'all' }), await ask(path, { key: 'all' })];
      expect([head.status, head.headers.get('content-type'), await head.text()]).toEqual([
        200,
        get.headers.get('content-type'),
        '',
      ]);
    },
  );

  it('lets no cache keep what it says of jobs', async () => {
    for (const path of ['/v1/profiles', '/v1/jobs/other.x', '/v1/jobs', '/v1/nowhere'])
      expect([path, (await ask(path, { key: 'all' })).headers.get('cache-control')]).toEqual([path, 'no-store']);
  });

  it('has no secure route that is reached by another spelling of its path', async () => {
    for (const path of ['/metrics/', '/METRICS', '/%6detrics', '/v1/../metrics', '/./metrics', '//metrics'])
      expect([path, (await ask(path)).status]).toEqual([path, 401]);
  });

  it('sends no CORS headers, whoever asks', async () => {
    const preflight = { origin: 'https://page.example', 'access-control-request-method': 'POST' };
    for (const init of [
      { method: 'OPTIONS', headers: preflight },
      { headers: preflight, key: 'all' },
    ]) {
      const { headers } = await ask('/v1/profiles', init);
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  it('logs one line for a request, without key, query or id', async () => {
    log.splice(0);
    await ask('/v1/profiles?secret=1', { key: 'all' });
    await ask('/v1/jobs/none.sixpence', { key: 'none' });
    expect(log.map(({ msg, method, route, status, key }) => ({ msg, method, route, status, key }))).toEqual([
      { msg: 'request', method: 'GET', route: '/v1/profiles', status: 200, key: 'all' },
      { msg: 'request', method: 'GET', route: '/v1/jobs/:id', status: 403, key: 'none' },
    ]);
    expect(JSON.stringify(log)).not.toMatch(/secret|sixpence|bp_/);
  });

  it('counts requests by route, not by path', async () => {
    await ask('/v1/jobs/none.sixpence', { key: 'none' });
    const text = await (await ask('/metrics', { key: 'all' })).text();
    expect(text).toContain('bullpen_http_requests_total{route="/v1/jobs/:id",method="GET",status="403"}');
    expect(text).not.toContain('sixpence');
  });
});

describe('open doors', () => {
  const { ask } = openApp({ keys: [{ name: 'none', scopes: [] }], openDoors: ['codebox'], client: { backlog } });

  it('ask for no key', async () => {
    expect((await ask('/languages')).status).not.toBe(401);
  });

  it('leave the others closed', async () => {
    expect((await ask('/api/v0/code-exec', { method: 'POST' })).status).toBe(401);
    expect((await ask('/v1/profiles')).status).toBe(401);
  });

  it('still say what a key that is sent may not do', async () => {
    expect((await ask('/languages', { key: 'none' })).status).toBe(403);
  });

  it('are closed to web pages', async () => {
    const page = await ask('/languages', { headers: { origin: 'https://page.example' } });
    expect(page.status).toBe(403);
  });
});

describe('a gateway without keys', () => {
  const { ask } = openApp();
  const status = async (headers: Record<string, string>, path = '/v1/profiles'): Promise<number> =>
    (await ask(path, { headers })).status;

  it('answers programs of this machine', async () => {
    expect(await status({})).toBe(200);
    expect(await status({ 'sec-fetch-site': 'same-origin' })).toBe(200);
  });

  it.each<Record<string, string>>([
    { origin: 'https://page.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])('refuses web pages: %j', async (headers) => {
    expect(await status(headers)).toBe(403);
  });

  it('takes everybody for one user with every scope', async () => {
    const names: readonly Scope[] = scopes;
    expect(names).toContain('jobs:all');
    expect(await status({}, '/metrics')).not.toBe(403);
  });
});
