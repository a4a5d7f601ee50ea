import { describe, expect, test } from 'vitest';
import { processorMs } from '../../../../tests/support/processor-time.ts';
import { checkPayload } from '../../src/codejail/check-payload.ts';
import { Refusal } from '../../src/codejail/refusal.ts';

function refusalOf(text: string): { readonly message: string; readonly reason: string } {
  try {
    checkPayload(text);
  } catch (error) {
    if (error instanceof Refusal) return { message: error.message, reason: error.facts.reason };
    throw error;
  }
  throw new Error(`${text.slice(0, 100)} is accepted.`);
}

/** A good payload with `more` members; of equal keys the last counts. */
const withMembers = (more: string): string => `{"code":"x","globals_dict":{},${more}}`;

describe('what a payload asks for', () => {
  test('code and globals are the texts that were sent', () => {
    const globals = '{ "a":NaN,"b":-Infinity ,"c":123456789012345678901234567890,"d":"\\ud800","e":1.0,"e":1e2}';
    const payload = checkPayload(`{"globals_dict": ${globals} , "code" : "print(\\u0022x\\u0022)"}`);
    expect(payload).toEqual({
      codeJson: '"print(\\u0022x\\u0022)"',
      globalsJson: globals,
      pythonPath: [],
      context: null,
      slug: null,
      unsafely: false,
    });
  });

  test('the other keys', () => {
    const more =
      '"python_path":["python_lib.zip","\\u0061"],"limit_overrides_context":"course","slug":"p","unsafely":true';
    expect(checkPayload(withMembers(more))).toMatchObject({
      pythonPath: ['python_lib.zip', 'a'],
      context: 'course',
      slug: 'p',
      unsafely: true,
    });
  });

  test('null stands for nothing where it may', () => {
    expect(checkPayload(withMembers('"python_path":null,"limit_overrides_context":null,"slug":null'))).toMatchObject({
      pythonPath: [],
      context: null,
      slug: null,
    });
  });

  test('unknown keys are passed over', () => {
    expect(checkPayload(withMembers('"wall":5,"cod":[{}]')).codeJson).toBe('"x"');
  });

  test('of equal keys the last counts', () => {
    expect(checkPayload(withMembers('"code":5,"code":"y","slug":7,"slug":"s"'))).toMatchObject({
      codeJson: '"y"',
      slug: 's',
    });
  });
});

/** Errors of jsonschema 4.26 (best_match of a Draft 2020-12 validator) for the schema of codejail-service. */
const mismatches: readonly (readonly [payload: string, path: string, message: string])[] = [
  ['{}', '$', "'code' is a required property"],
  ['5', '$', "5 is not of type 'object'"],
  ['null', '$', "None is not of type 'object'"],
  ['[]', '$', "[] is not of type 'object'"],
  ['"x"', '$', "'x' is not of type 'object'"],
  ['NaN', '$', "nan is not of type 'object'"],
  ['{"code":5}', '$', "'globals_dict' is a required property"],
  ['{"globals_dict":{}}', '$', "'code' is a required property"],
  ['{"slug":5,"unsafely":5,"globals_dict":[1]}', '$', "'code' is a required property"],
  ['{"code":5,"globals_dict":7}', '$.globals_dict', "7 is not of type 'object'"],
  ['{"code":null,"globals_dict":{}}', '$.code', "None is not of type 'string'"],
  [withMembers('"globals_dict":[1.0,"a"]'), '$.globals_dict', "[1.0, 'a'] is not of type 'object'"],
  [withMembers('"python_path":5'), '$.python_path', '5 is not valid under any of the given schemas'],
  [withMembers('"python_path":{}'), '$.python_path', '{} is not valid under any of the given schemas'],
  [withMembers('"python_path":[5]'), '$.python_path[0]', "5 is not of type 'string'"],
  [withMembers('"python_path":["a",5,null]'), '$.python_path[1]', "5 is not of type 'string'"],
  [withMembers('"python_path":[[]]'), '$.python_path[0]', "[] is not of type 'string'"],
  [withMembers('"python_path":[null]'), '$.python_path[0]', "None is not of type 'string'"],
  [withMembers('"slug":true'), '$.slug', 'True is not valid under any of the given schemas'],
  [withMembers('"slug":1.5'), '$.slug', '1.5 is not valid under any of the given schemas'],
  [withMembers('"limit_overrides_context":5,"slug":6'), '$.slug', '6 is not valid under any of the given schemas'],
  [
    withMembers('"limit_overrides_context":7'),
    '$.limit_overrides_context',
    '7 is not valid under any of the given schemas',
  ],
  [withMembers('"unsafely":null'), '$.unsafely', "None is not of type 'boolean'"],
  [withMembers('"unsafely":1'), '$.unsafely', "1 is not of type 'boolean'"],
  [withMembers('"unsafely":"x","slug":5'), '$.unsafely', "'x' is not of type 'boolean'"],
  [withMembers('"python_path":[5],"slug":5'), '$.slug', '5 is not valid under any of the given schemas'],
  [withMembers('"python_path":[5],"limit_overrides_context":7'), '$.python_path[0]', "5 is not of type 'string'"],
  ['{"code":"x","globals_dict":5,"unsafely":5}', '$.unsafely', "5 is not of type 'boolean'"],
];

test.each(mismatches)('%s does not match the schema at %s: %s', (payload, path, message) => {
  expect(refusalOf(payload)).toEqual({
    reason: 'invalid.payload.schema_mismatch',
    message: `Payload JSON did not match schema at path ${path}: ${message}`,
  });
});

/** Errors of CPython 3.11's json.loads. */
const badJson: readonly (readonly [payload: string, message: string])[] = [
  ['', 'Expecting value: line 1 column 1 (char 0)'],
  ['nope', 'Expecting value: line 1 column 1 (char 0)'],
  ['{', 'Expecting property name enclosed in double quotes: line 1 column 2 (char 1)'],
  ['{"code":}', 'Expecting value: line 1 column 9 (char 8)'],
  ['{"code" "x"}', "Expecting ':' delimiter: line 1 column 9 (char 8)"],
  ['{"code":"x"\n"a"}', "Expecting ',' delimiter: line 2 column 1 (char 12)"],
  ['{} x', 'Extra data: line 1 column 4 (char 3)'],
  ['"a\nb"', 'Invalid control character at: line 1 column 3 (char 2)'],
  ['"abc', 'Unterminated string starting at: line 1 column 1 (char 0)'],
  ['\ufeff{}', 'Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)'],
];

test.each(badJson)('%j is no JSON', (payload, message) => {
  expect(refusalOf(payload)).toEqual({
    reason: 'invalid.payload.bad_json',
    message: `Unable to parse payload JSON: ${message}`,
  });
});

describe('payloads that would cost a lot', () => {
  test.each([
    ['nested a million levels deep', '['.repeat(1_000_000), 'invalid.payload.bad_json'],
    ['with deep globals', withMembers(`"globals_dict":${'{"a":'.repeat(500_000)}`), 'invalid.payload.bad_json'],
    ['with a million keys', `{${'"a":1,'.repeat(1_000_000)}"b":1}`, 'invalid.payload.bad_json'],
    [
      'with a million python_path entries',
      withMembers(`"python_path":[${'"a",'.repeat(1_000_000)}5]`),
      'invalid.payload.bad_json',
    ],
    [
      'with a million values in its globals',
      withMembers(`"globals_dict":{"a":[${'1,'.repeat(1_000_000)}1]}`),
      'invalid.payload.bad_json',
    ],
    [
      'with a giant value in a wrong place',
      withMembers(`"slug":[${'1,'.repeat(300_000)}1]`),
      'invalid.payload.schema_mismatch',
    ],
  ])('one %s is refused in bounded time with a short sentence', async (_, payload, reason) => {
    const spentMs = await processorMs(() => {
      const refusal = refusalOf(payload);
      expect(refusal.reason).toBe(reason);
      expect(refusal.message.length).toBeLessThan(1200);
    });
    expect(spentMs).toBeLessThan(3000);
  });

  test('many values deep inside the globals are fine', () => {
    const globals = `{"a":[${'[],'.repeat(300_000)}[]]}`;
    expect(checkPayload(withMembers(`"globals_dict":${globals}`)).globalsJson).toBe(globals);
  });
});
