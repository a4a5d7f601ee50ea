import { expect, test } from 'vitest';
import { openApp } from '../support/open-app.ts';
import { codeExec, urlencoded } from './support/routes.ts';

/** What the gateway refuses before a call comes to the door is told in the dialect of the door, and elsewhere as a problem. */
const settings = { bodyBytes: 1024 };
const call = urlencoded('{"code":"x","globals_dict":{}}');
const large = urlencoded('x'.repeat(1025));

test('a call without a key', async () => {
  const response = await openApp({ keys: [], settings }).ask(codeExec, call);
  expect([response.status, response.headers.get('content-type')]).toEqual([401, 'application/json']);
  expect(response.headers.get('www-authenticate')).toBe('Bearer realm="bullpen"');
  expect(await response.json()).toEqual({ error: expect.stringContaining('Send an API key') });
});

test('a body above the bound', async () => {
  const app = openApp({ settings });
  const response = await app.ask(codeExec, large);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect([response.status, await response.text()]).toEqual([413, '{"error":"A body may have at most 1024 bytes."}']);
  expect((await app.ask('/execute', large)).headers.get('content-type')).toBe('application/problem+json');
});

test('more bodies than the gateway may hold, with the time after which to try again', async () => {
  const response = await openApp({ settings: { bodiesBytes: 1024 } }).ask(codeExec, large);
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
  expect(await response.json()).toEqual({ error: 'The gateway holds as many bodies as it may: try again.' });
});
