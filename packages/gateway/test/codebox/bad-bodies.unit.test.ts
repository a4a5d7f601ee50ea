import type { Client } from '@bullpen/client';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { codeboxDoor } from '../../src/codebox/index.ts';

/** Nothing of a request that is refused reaches the fleet. */
const client = {
  submit: () => Promise.reject(new Error('A job was submitted.')),
} as unknown as Client;
const door = codeboxDoor({ client, logger: pino({ level: 'silent' }) }, { bodyBytes: 1_000_000 });
const json = { 'content-type': 'application/json' };

async function post(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = json) {
  const response = await door.request('/execute', { method: 'POST', body, headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const commandWith = (field: string) => `{"sources":{},"commands":[{"command":"x",${field}}]}`;

const attributes = 'Input should be a valid dictionary or object to extract fields from';
const notJson = { type: 'json_invalid', msg: 'JSON decode error', input: {} };

// Pairs that FastAPI 0.142 with Pydantic 2.13 was seen to answer for codebox's models.
describe('a body of the wrong shape is answered as by FastAPI', () => {
  test.for<[body: string, detail: readonly unknown[]]>([
    ['', [{ type: 'missing', loc: ['body'], msg: 'Field required', input: null }]],
    ['null', [{ type: 'missing', loc: ['body'], msg: 'Field required', input: null }]],
    ['[]', [{ type: 'model_attributes_type', loc: ['body'], msg: attributes, input: [] }]],
    ['"x"', [{ type: 'model_attributes_type', loc: ['body'], msg: attributes, input: 'x' }]],
    ['1', [{ type: 'model_attributes_type', loc: ['body'], msg: attributes, input: 1 }]],
    [
      '{}',
      [
        { type: 'missing', loc: ['body', 'sources'], msg: 'Field required', input: {} },
        { type: 'missing', loc: ['body', 'commands'], msg: 'Field required', input: {} },
      ],
    ],
    ['{"sources":{}}', [{ type: 'missing', loc: ['body', 'commands'], msg: 'Field required', input: { sources: {} } }]],
    [
      '{"sources":[],"commands":{}}',
      [
        { type: 'dict_type', loc: ['body', 'sources'], msg: 'Input should be a valid dictionary', input: [] },
        { type: 'list_type', loc: ['body', 'commands'], msg: 'Input should be a valid list', input: {} },
      ],
    ],
    [
      '{"sources":{"a":1,"b":null},"commands":[]}',
      [
        { type: 'string_type', loc: ['body', 'sources', 'a'], msg: 'Input should be a valid string', input: 1 },
        { type: 'string_type', loc: ['body', 'sources', 'b'], msg: 'Input should be a valid string', input: null },
      ],
    ],
    [
      '{"sources":{},"commands":[1,{"command":1},{},null,{"command":"x","stdin":1,"timeout":"a"}]}',
      [
        { type: 'model_attributes_type', loc: ['body', 'commands', 0], msg: attributes, input: 1 },
        {
          type: 'string_type',
          loc: ['body', 'commands', 1, 'command'],
          msg: 'Input should be a valid string',
          input: 1,
        },
        { type: 'missing', loc: ['body', 'commands', 2, 'command'], msg: 'Field required', input: {} },
        { type: 'model_attributes_type', loc: ['body', 'commands', 3], msg: attributes, input: null },
        { type: 'string_type', loc: ['body', 'commands', 4, 'stdin'], msg: 'Input should be a valid string', input: 1 },
        {
          type: 'float_parsing',
          loc: ['body', 'commands', 4, 'timeout'],
          msg: 'Input should be a valid number, unable to parse string as a number',
          input: 'a',
        },
      ],
    ],
    [
      commandWith('"timeout":[]'),
      [
        {
          type: 'float_type',
          loc: ['body', 'commands', 0, 'timeout'],
          msg: 'Input should be a valid number',
          input: [],
        },
      ],
    ],
    [
      '{"sources": {',
      [{ ...notJson, loc: ['body', 13], ctx: { error: 'Expecting property name enclosed in double quotes' } }],
    ],
    ['{"a" 1}', [{ ...notJson, loc: ['body', 5], ctx: { error: "Expecting ':' delimiter" } }]],
    ['[1,]', [{ ...notJson, loc: ['body', 3], ctx: { error: 'Expecting value' } }]],
    ['nope', [{ ...notJson, loc: ['body', 0], ctx: { error: 'Expecting value' } }]],
    ['{"a":"\u0001"}', [{ ...notJson, loc: ['body', 6], ctx: { error: 'Invalid control character at' } }]],
    ['{"a":"\\x"}', [{ ...notJson, loc: ['body', 6], ctx: { error: 'Invalid \\escape' } }]],
    ['"abc', [{ ...notJson, loc: ['body', 0], ctx: { error: 'Unterminated string starting at' } }]],
    ['{} {}', [{ ...notJson, loc: ['body', 3], ctx: { error: 'Extra data' } }]],
  ])('%s', async ([body, detail]) => {
    const { status, headers, text } = await post(body);
    expect(status).toBe(422);
    expect(headers.get('content-type')).toBe('application/json');
    expect(JSON.parse(text)).toEqual({ detail });
    for (const issue of JSON.parse(text).detail) {
      expect(Object.keys(issue).slice(0, 4)).toEqual(['type', 'loc', 'msg', 'input']);
    }
  });

  test('numbers are told as they were written', async () => {
    const { text } = await post('{"x":1.0,"z":123456789012345678901234567890}');
    expect(text).toContain('"input":{"x":1.0,"z":123456789012345678901234567890}');
  });

  test('an int that no float can hold is refused', async () => {
    const digits = `1${'0'.repeat(400)}`;
    const { status, text } = await post(commandWith(`"timeout":${digits}`));
    expect(status).toBe(422);
    expect(text).toContain(
      `"type":"float_type","loc":["body","commands",0,"timeout"],"msg":"Input should be a valid number","input":${digits}`,
    );
  });
});

describe('what codebox fails on is refused', () => {
  test.for<[what: string, body: string, loc: readonly unknown[], msg: string]>([
    [
      'a quote that is not closed',
      commandWith('"command":"echo \'x"'),
      ['body', 'commands', 0, 'command'],
      'Value error, No closing quotation',
    ],
    [
      'a backslash at the end',
      commandWith('"command":"echo x\\\\"'),
      ['body', 'commands', 0, 'command'],
      'Value error, No escaped character',
    ],
    [
      'a timeout that is no number',
      commandWith('"timeout":NaN'),
      ['body', 'commands', 0, 'timeout'],
      'Input should be a finite number',
    ],
    [
      'the same as a text',
      commandWith('"timeout":"nan"'),
      ['body', 'commands', 0, 'timeout'],
      'Input should be a finite number',
    ],
  ])('%s', async ([, body, loc, msg]) => {
    const { status, text } = await post(body);
    expect(status).toBe(422);
    expect(JSON.parse(text).detail).toEqual([expect.objectContaining({ loc, msg })]);
  });

  test('with the whole word of the client in the answer', async () => {
    const { text } = await post(commandWith('"command":"echo \'x"'));
    expect(JSON.parse(text).detail[0]).toEqual({
      type: 'value_error',
      loc: ['body', 'commands', 0, 'command'],
      msg: 'Value error, No closing quotation',
      input: "echo 'x",
      ctx: { error: {} },
    });
  });
});

describe('the media type', () => {
  const project = '{"sources":{},"commands":[]}';
  test.for(['application/json', 'Application/JSON; charset=utf-8', 'application/vnd.x+json'])(
    '%s is JSON',
    async (type) => {
      expect(await post(project, { 'content-type': type })).toMatchObject({ status: 200, text: '[]' });
    },
  );
  test.for(['text/plain', 'application/x-www-form-urlencoded', 'text/json'])('%s is a text', async (type) => {
    const { status, text } = await post(project, { 'content-type': type });
    expect(status).toBe(422);
    expect(JSON.parse(text).detail).toEqual([
      { type: 'model_attributes_type', loc: ['body'], msg: attributes, input: project },
    ]);
  });
});

describe('bounds', () => {
  const commands = (count: number) => Array.from({ length: count }, () => ({ command: '' }));
  const sources = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`../${index}`, '']));

  test('64 commands are taken, 65 are not', async () => {
    const taken = await post(JSON.stringify({ sources: {}, commands: commands(64) }));
    expect(JSON.parse(taken.text)).toHaveLength(64);
    const refused = await post(JSON.stringify({ sources: {}, commands: commands(65) }));
    expect(refused.status).toBe(422);
    expect(JSON.parse(refused.text).detail[0]).toEqual({
      type: 'too_long',
      loc: ['body', 'commands'],
      msg: 'List should have at most 64 items after validation, not 65',
      input: {},
      ctx: { field_type: 'List', max_length: 64, actual_length: 65 },
    });
  });

  test('2,000 sources are taken, 10,000 are not', async () => {
    const taken = await post(JSON.stringify({ sources: sources(2000), commands: [] }));
    expect(JSON.parse(taken.text)).toHaveLength(2000);
    const refused = await post(JSON.stringify({ sources: sources(10_000), commands: [] }));
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('Dictionary should have at most 2000 items after validation, not 10000');
  });

  test('a command line has its length', async () => {
    const { status, text } = await post(commandWith(`"command":"${'x'.repeat(400_000)}"`));
    expect(status).toBe(422);
    expect(text).toContain('String should have at most 393216 characters');
    expect(text.length).toBeLessThan(2000);
  });

  test('a body has its length', async () => {
    expect((await post(`{"sources":{"a":"${'x'.repeat(999_000)}"},"commands":[]}`)).status).toBe(200);
    const { status, text } = await post(' '.repeat(1_000_001));
    expect(status).toBe(413);
    expect(JSON.parse(text)).toEqual({ detail: 'The body must have at most 1000000 bytes, got 1000001: send less.' });
  });

  test('what is wrong a thousand times is told a hundred times', async () => {
    const { status, text } = await post(
      JSON.stringify({
        sources: Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`${'a'.repeat(500)}${index}`, 1])),
      }),
    );
    expect(status).toBe(422);
    expect(JSON.parse(text).detail).toHaveLength(100);
  });

  test('long input is told by its beginning', async () => {
    const { text } = await post(JSON.stringify({ commands: 'x'.repeat(100_000) }));
    expect(text.length).toBeLessThan(4000);
    expect(JSON.parse(text).detail).toHaveLength(2);
  });

  test.for<[what: string, body: string | Uint8Array<ArrayBuffer>]>([
    ['deeper than Python reads', `{"sources":{},"commands":[],"x":${'['.repeat(5000)}${']'.repeat(5000)}}`],
    ['of nothing but brackets', '['.repeat(900_000)],
    ['wide with values', `{"sources":{},"commands":[${'1,'.repeat(400_000)}1]}`],
    ['of no UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d)],
  ])('a body %s is a 400', async ([, body]) => {
    const { status, text } = await post(body);
    expect(status).toBe(400);
    expect(JSON.parse(text).detail).toMatch(/^There was an error parsing the body: .*\.?$/);
  });

  test('a body 800 levels deep is read, where nobody looks', async () => {
    expect((await post(`{"sources":{},"commands":[],"x":${'['.repeat(800)}${']'.repeat(800)}}`)).status).toBe(200);
  });
});

describe('routes', () => {
  test('there is no way round the jail', async () => {
    expect((await door.request('/execute_insecure', { method: 'POST', body: '{}', headers: json })).status).toBe(404);
  });

  test.for([
    ['GET', '/execute', 'POST'],
    ['PUT', '/execute', 'POST'],
    ['POST', '/languages', 'GET'],
  ] as const)('%s %s is a 405', async ([method, path, allow]) => {
    const response = await door.request(path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allow);
    expect(await response.json()).toEqual({ detail: 'Method Not Allowed' });
  });

  test('every answer names its request and tells its time', async () => {
    const answers = await Promise.all([post('{"sources":{},"commands":[]}'), post('nope')]);
    const names = answers.map(({ headers }) => headers.get('x-request-id'));
    expect(new Set(names).size).toBe(2);
    for (const { headers } of answers) {
      expect(headers.get('x-request-id')).toMatch(/^[\w-]{12}$/);
      expect(headers.get('x-processed-time')).toMatch(/^\d+(\.\d+|e-\d\d|\.\d+e-\d\d)$/);
    }
  });
});

describe('what needs no jail is answered without one', () => {
  test('no command', async () => {
    expect(await post('{"sources":{"a":"1"},"commands":[]}')).toMatchObject({ status: 200, text: '[]' });
  });

  test('bad paths: one answer each, and no command is run', async () => {
    const { status, text } = await post(
      '{"sources":{"../a":"","b":"","/c/../../d":""},"commands":[{"command":"true"}]}',
    );
    expect(status).toBe(200);
    expect(text).toBe(
      '[{"stdout":"","stderr":"Invalid file path: /a","exit_code":-1,"elapsed_time":0},' +
        '{"stdout":"","stderr":"Invalid file path: /d","exit_code":-1,"elapsed_time":0}]',
    );
  });

  test('keys that codebox does not know are passed over, and the last of two equal ones counts', async () => {
    const { status, text } = await post(
      '{"sources":{},"commands":1,"x":NaN,"commands":[{"command":"x","command":"","colour":1,"timeout":true,"stdin":null}]}',
    );
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual([{ stdout: '', stderr: '', exit_code: 255, elapsed_time: 0 }]);
  });
});

test('a failure of ours is a 500 without a word of its cause', async () => {
  const { status, text } = await post('{"sources":{},"commands":[{"command":"true"}]}');
  expect(status).toBe(500);
  expect(JSON.parse(text)).toEqual({ detail: 'Internal Server Error' });
});
