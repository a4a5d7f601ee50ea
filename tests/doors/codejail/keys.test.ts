import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeKey, readGatewayConfig, type RunningGateway, startGateway, updateKeyFile } from '@bullpen/gateway';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { type Fleet, startFleet } from '../../support/fleet.ts';
import { patience } from '../../support/patience.ts';

/** The door where keys are asked for: what a key may do, and how much. */
const scopes = ['doors:codejail'] as const;
const keys = {
  free: makeKey({ name: 'free', scopes: [...scopes] }),
  small: makeKey({ name: 'small', scopes: [...scopes], ceilings: { memoryBytes: 64 * 2 ** 20 } }),
  single: makeKey({ name: 'single', scopes: [...scopes], ceilings: { jobs: 1 } }),
  other: makeKey({ name: 'other', scopes: ['jobs:submit'] }),
};

let fleet: Fleet;
let gateway: RunningGateway;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bullpen-keys-'));
  const keysFile = join(folder, 'keys.json');
  updateKeyFile(keysFile, () => Object.values(keys).map(({ key }) => key));
  fleet = await startFleet({ BULLPEN_SLOTS: '2' });
  const settings = { redis: fleet.redisSocket, listen: '127.0.0.1:0', logLevel: 'silent', keysFile } as const;
  gateway = await startGateway(readGatewayConfig({ ...settings, codejailBudgetMs: 20_000 * patience }, {}));
  await eventually(
    'the safety checks pass',
    async () => (await fetch(`${gateway.origin}/health/`)).status === 200,
    30_000,
  );
});
afterAll(async () => {
  await gateway?.close(0);
  await fleet?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
}

async function call(name: keyof typeof keys | null, code = 'out = 1'): Promise<Answer> {
  const response = await fetch(`${gateway.origin}/api/v0/code-exec`, {
    method: 'POST',
    headers: name === null ? {} : { authorization: `Bearer ${keys[name].text}` },
    body: new URLSearchParams({ payload: JSON.stringify({ code, globals_dict: {} }) }),
  });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

test('no key, and a key of another scope, are refused in the dialect of the door', async () => {
  const refusals = [await call(null), await call('other')];
  expect(refusals.map(({ status, type }) => [status, type])).toEqual([
    [401, 'application/json'],
    [403, 'application/json'],
  ]);
  expect(refusals.map(({ text }) => JSON.parse(text))).toEqual([
    { error: expect.stringContaining('Send an API key') },
    { error: 'The key other lacks the scope doors:codejail.' },
  ]);
  expect(await call('free')).toMatchObject({ status: 200, text: '{"globals_dict":{"out":1}}' });
});

test('the ceilings of a key hold, and are told in the dialect of the door', async () => {
  const { status, text } = await call('small');
  expect(status).toBe(403);
  expect(JSON.parse(text)).toEqual({
    error: expect.stringMatching(/memoryBytes must be at most 67108864 for the key small/),
  });
});

test('a key that may have one job has one at a time, and the next after its end', async () => {
  const both = await Promise.all([
    call('single', 'import time; time.sleep(0.5)'),
    call('single', 'import time; time.sleep(0.5)'),
  ]);
  expect(new Set(both.map(({ status }) => status))).toEqual(new Set([200, 429]));
  expect((await call('single')).status).toBe(200);
});
