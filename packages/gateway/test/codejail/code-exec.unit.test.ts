import { describe, expect, test } from 'vitest';
import { defaultFormBounds } from '../../src/codejail/codejail-door.ts';
import { codeExec, field, file, multipart, openTestDoor, type TestDoorSettings, urlencoded } from './support/routes.ts';

const good = '{"code":"x","globals_dict":{"a": NaN}}';
const with_ = (more: string): string => `{"code":"x","globals_dict":{},${more}}`;
const json = { 'content-type': 'application/json' };
const notJson = { method: 'POST', headers: json, body: good };
const wrongFile = 'wrong.zip';

interface Pair {
  readonly of: string;
  readonly door?: TestDoorSettings;
  readonly request: RequestInit;
  readonly status: number;
  readonly body: string;
  /** What the log calls it. */
  readonly logged: string;
}

/** Requests in the order of the door's checks: each fails the named check and, where it can, all later ones. */
const inOrder: readonly Pair[] = [
  {
    of: 'a door that is switched off',
    door: { isEnabled: false, isSafe: false },
    request: notJson,
    status: 500,
    body: '{"error":"Codejail service not enabled"}',
    logged: 'disabled.feature_switch',
  },
  {
    of: 'a fleet whose checks have not passed',
    door: { isSafe: false },
    request: notJson,
    status: 500,
    body: '{"error":"Codejail service is not correctly configured"}',
    logged: 'disabled.safety_checks_failed',
  },
  {
    of: 'a body that is no form',
    request: notJson,
    status: 415,
    body: '{"detail":"Unsupported media type \\"application/json\\" in request."}',
    logged: 'invalid.media_type',
  },
  {
    of: 'a multipart form without a boundary',
    request: { method: 'POST', headers: { 'content-type': 'multipart/form-data' }, body: 'x' },
    status: 400,
    body: '{"detail":"Multipart form parse error - Invalid boundary in multipart: None"}',
    logged: 'invalid.form',
  },
  {
    of: 'a form without payload',
    request: multipart(field('x', 'pay'), file('x', wrongFile)),
    status: 400,
    body: `{"error":"Missing 'payload' parameter in POST body"}`,
    logged: 'invalid.payload.missing',
  },
  {
    of: 'a file in the place of the payload',
    request: multipart(file(good, 'payload')),
    status: 400,
    body: `{"error":"Missing 'payload' parameter in POST body"}`,
    logged: 'invalid.payload.missing',
  },
  {
    of: 'a payload that is no JSON',
    request: multipart(field('{"python_path":'), file('x', wrongFile)),
    status: 400,
    body: '{"error":"Unable to parse payload JSON: Expecting value: line 1 column 16 (char 15)"}',
    logged: 'invalid.payload.bad_json',
  },
  {
    of: 'a payload that does not match the schema',
    request: multipart(field('{"code":"x","python_path":["/etc"],"unsafely":true}'), file('x', wrongFile)),
    status: 400,
    body: `{"error":"Payload JSON did not match schema at path $: 'globals_dict' is a required property"}`,
    logged: 'invalid.payload.schema_mismatch',
  },
  {
    of: 'another python_path',
    request: multipart(field(with_('"python_path":["python_lib.zip","/etc"],"unsafely":true')), file('x', wrongFile)),
    status: 400,
    body: `{"error":"Only allowed entry in 'python_path' is 'python_lib.zip'"}`,
    logged: 'invalid.python_path',
  },
  {
    of: 'another file',
    request: multipart(field(with_('"unsafely":true')), file('x'), file('x', wrongFile, 'python_lib.zip')),
    status: 400,
    body: `{"error":"Only allowed name for uploaded file is 'python_lib.zip'"}`,
    logged: 'invalid.files',
  },
  {
    of: 'unsafely',
    request: multipart(field(with_('"unsafely":true')), file('x')),
    status: 400,
    body: '{"error":"Refusing codejail execution with unsafely=true"}',
    logged: 'invalid.unsafely',
  },
  {
    of: 'code that ended',
    request: multipart(field(with_('"unsafely":false')), file('x')),
    status: 200,
    body: '{"globals_dict":{"x":17}}',
    logged: 'executed.success',
  },
  {
    of: 'code that failed',
    door: { executed: { kind: 'exception', message: `Couldn't "it"\n\ud800é` } },
    request: urlencoded(good),
    status: 200,
    body: `{"globals_dict":{"a": NaN},"emsg":"Couldn't \\"it\\"\\n\\ud800é"}`,
    logged: 'executed.error',
  },
];

describe('each check has its answer, in this order', () => {
  test.each(inOrder)('$of: $status', async ({ door: settings, request, status, body, logged }) => {
    const door = openTestDoor(settings);
    const response = await door.send(codeExec, request);
    expect(response.status).toBe(status);
    expect([...response.headers]).toEqual([['content-type', 'application/json']]);
    expect(await response.text()).toBe(body);
    expect(door.log).toHaveLength(1);
    expect(door.log[0]).toMatchObject({ status: logged, msg: 'code-exec' });
    expect(door.executions).toHaveLength(status === 200 ? 1 : 0);
  });
});

describe('what is run', () => {
  test('code and globals as texts, the library of the last part of its name, course and slug', async () => {
    const door = openTestDoor();
    const globals =
      '{"a": NaN, "b": [1.0, 1e400], "c": "\\ud800", "d": "é\u2028", "e": 123456789012345678901234567890}';
    const payload = `{"code":"\\u0070rint","globals_dict":${globals},"python_path":["python_lib.zip"],"slug":"p1","limit_overrides_context":"c1"}`;
    const zip = Buffer.from([0, 255, 13, 10, 45, 45, 128]);
    await door.send(
      codeExec,
      multipart(field('first'), file('first'), field(payload), file(zip, 'python_lib.zip', '../../x')),
    );
    expect(door.executions).toEqual([
      {
        codeJson: '"\\u0070rint"',
        globalsJson: globals,
        pythonPath: ['python_lib.zip'],
        files: new Map([['python_lib.zip', zip]]),
        context: 'c1',
        slug: 'p1',
      },
    ]);
    expect(door.log).toMatchObject([
      { slug: 'p1', course: 'c1', pythonPathLength: 1, filesCount: 1, limits: { CPU: 7, REALTIME: 1 } },
    ]);
  });

  test('the log shows so much of the names, and nothing of what is run', async () => {
    const door = openTestDoor({ executed: { kind: 'exception', message: 'secret emsg' } });
    const long = 'n'.repeat(4000);
    const payload = `{"code":"secret code","globals_dict":{"a":"secret global"},"slug":"${long}","limit_overrides_context":"x"}`;
    await door.send(codeExec, urlencoded(payload));
    expect(door.log).toMatchObject([{ slug: 'n'.repeat(256), course: 'x', durationMs: expect.any(Number) }]);
    expect(JSON.stringify(door.log)).not.toContain('secret');
  });

  test('the library is sent even when python_path does not name it', async () => {
    const door = openTestDoor();
    await door.send(codeExec, multipart(field(with_('"python_path":null')), file('zip')));
    expect(door.executions).toMatchObject([
      { pythonPath: [], files: new Map([['python_lib.zip', Buffer.from('zip')]]) },
    ]);
  });

  test('a url-encoded payload is read as UTF-8, and what is none becomes U+FFFD', async () => {
    const door = openTestDoor();
    await door.send(codeExec, urlencoded('{"code":"é😀","globals_dict":{}}'));
    const body = 'payload=%7B%22code%22:%22%FF%22,%22globals_dict%22:%7B%7D%7D';
    await door.send(codeExec, { ...urlencoded(''), body });
    expect(door.executions.map(({ codeJson }) => codeJson)).toEqual(['"é😀"', '"\ufffd"']);
  });

  test.each([
    ['url-encoded', urlencoded],
    ['multipart', (payload: string) => multipart(field(payload), file(Buffer.alloc(30_000_000)))],
  ])('a %s payload of 3 MB, and a library of 30 MB', async (_, formOf) => {
    const door = openTestDoor({ bounds: defaultFormBounds });
    const response = await door.send(codeExec, formOf(`{"code":"${'x'.repeat(3_000_000)}","globals_dict":{}}`));
    expect(response.status).toBe(200);
    expect(door.executions[0]?.codeJson).toHaveLength(3_000_002);
  });

  test('every Accept is answered with JSON', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' };
    for (const request of [urlencoded(good), urlencoded('')]) {
      const response = await openTestDoor().send(codeExec, { ...request, headers });
      expect(response.headers.get('content-type')).toBe('application/json');
    }
  });

  test('a form type may have parameters and any case', async () => {
    const door = openTestDoor();
    const headers = { 'content-type': 'Application/X-WWW-Form-Urlencoded ; charset=utf-8' };
    const response = await door.send(codeExec, { ...urlencoded(good), headers });
    expect(response.status).toBe(200);
  });
});

describe('other methods and paths', () => {
  test.each(['GET', 'PUT', 'DELETE', 'PATCH'])('%s is not allowed', async (method) => {
    const response = await openTestDoor().send(codeExec, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST, OPTIONS');
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.text()).toBe(`{"detail":"Method \\"${method}\\" not allowed."}`);
  });

  test('HEAD is not allowed either', async () => {
    expect((await openTestDoor().send(codeExec, { method: 'HEAD' })).status).toBe(405);
  });

  test('OPTIONS tells what is read', async () => {
    const response = await openTestDoor().send(codeExec, { method: 'OPTIONS' });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      parses: ['application/x-www-form-urlencoded', 'multipart/form-data'],
    });
  });

  test('a slash at the end leads nowhere', async () => {
    expect((await openTestDoor().send(`${codeExec}/`, urlencoded(good))).status).toBe(404);
  });

  test('a POST without body lacks the payload, whatever its type', async () => {
    const response = await openTestDoor().send(codeExec, { method: 'POST', headers: json });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: "Missing 'payload' parameter in POST body" });
  });

  test('a body without a type is no form', async () => {
    const response = await openTestDoor().send(codeExec, { method: 'POST', body: new Uint8Array([123]) });
    expect(response.status).toBe(415);
    expect(await response.json()).toEqual({ detail: 'Unsupported media type "" in request.' });
  });
});

describe('health', () => {
  test.each([
    [true, 200, '{"status": "OK"}'],
    [false, 503, '{"status": "UNAVAILABLE"}'],
  ])('available %j: %i', async (isAvailable, status, body) => {
    const response = await openTestDoor({ isAvailable }).send('/health/');
    expect(response.status).toBe(status);
    expect([...response.headers]).toEqual([['content-type', 'application/json']]);
    expect(await response.text()).toBe(body);
  });

  test('without a slash it leads to the page with one', async () => {
    const response = await openTestDoor().send('/health?a=1');
    expect(response.status).toBe(301);
    expect(response.headers.get('location')).toBe('/health/?a=1');
  });
});
