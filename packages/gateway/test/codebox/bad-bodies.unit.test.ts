import { describe, expect, test } from 'vitest';
import { commandWith, openLonelyDoor } from './support/lonely-door.ts';

const { post } = openLonelyDoor(1_000_000);

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
