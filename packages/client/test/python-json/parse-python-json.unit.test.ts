import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { processorMs } from '../../../../tests/support/processor-time.ts';
import { parsePythonJson } from '../../src/python-json/parse-python-json.ts';
import { type RealPython, startPython } from '../support/real-python.ts';
import { jsonTexts, randomTexts } from './texts.ts';

/** `ok`, or the message of what Python raises. */
const program = `
import json
def answer(text):
    try:
        json.loads(text)
    except ValueError as error:
        return str(error)
    return 'ok'
`;

// Each answer comes from another process, which may have to wait for a processor.
vi.setConfig({ testTimeout: 60_000 });

let python: RealPython;
beforeAll(() => {
  python = startPython(program);
});
afterAll(() => python?.close());

function answerOfOurs(text: string): string {
  try {
    parsePythonJson(text);
  } catch (error) {
    return (error as Error).message;
  }
  return 'ok';
}

describe('a text is accepted or refused as CPython does it, with the same message', () => {
  test.each([
    ['', 'Expecting value: line 1 column 1 (char 0)'],
    ['\ufeff{}', 'Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)'],
    ['{} x', 'Extra data: line 1 column 4 (char 3)'],
    ['[1 2]', "Expecting ',' delimiter: line 1 column 4 (char 3)"],
    ['[1,\n]', 'Expecting value: line 2 column 1 (char 4)'],
    ['{"a":1,}', 'Expecting property name enclosed in double quotes: line 1 column 8 (char 7)'],
    ['{"a" 1}', "Expecting ':' delimiter: line 1 column 6 (char 5)"],
    ['"a\nb"', 'Invalid control character at: line 1 column 3 (char 2)'],
    ['"abc', 'Unterminated string starting at: line 1 column 1 (char 0)'],
    ['"\\', 'Unterminated string starting at: line 1 column 1 (char 0)'],
    ['"\\x"', 'Invalid \\escape: line 1 column 2 (char 1)'],
    ['"\\u12', 'Invalid \\uXXXX escape: line 1 column 3 (char 2)'],
    ['"\\u1234', 'Invalid \\uXXXX escape: line 1 column 3 (char 2)'],
    ['"\\ud800\\uZZZZ"', 'Invalid \\uXXXX escape: line 1 column 9 (char 8)'],
    ['["😀😀", x]', 'Expecting value: line 1 column 8 (char 7)'],
    ['-', 'Expecting value: line 1 column 1 (char 0)'],
    ['01', 'Extra data: line 1 column 2 (char 1)'],
    ['1.', 'Extra data: line 1 column 2 (char 1)'],
    ['1e', 'Extra data: line 1 column 2 (char 1)'],
    ['nul', 'Expecting value: line 1 column 1 (char 0)'],
    ['[\u00a01]', 'Expecting value: line 1 column 2 (char 1)'],
    ['[NaN, Infinity, -Infinity, -0, 1e400, "\\ud800", {"a": 1, "a": 2}]', 'ok'],
  ])('%j', async (text, expected) => {
    expect(answerOfOurs(text)).toBe(expected);
    expect(await python.ask(text)).toBe(expected);
  });

  test('ints of 4300 digits and one more', async () => {
    const [longest, tooLong] = ['1'.repeat(4300), `[-${'1'.repeat(4301)}]`];
    expect(answerOfOurs(longest)).toBe('ok');
    expect(answerOfOurs(tooLong)).toBe(await python.ask(tooLong));
    expect(answerOfOurs(tooLong)).toContain('value has 4301 digits');
  });

  test('random and mutated texts', async () => {
    const property = fc.asyncProperty(fc.oneof(randomTexts, jsonTexts), async (text) => {
      expect(answerOfOurs(text)).toBe(await python.ask(text));
    });
    await fc.assert(property, { numRuns: 3000 });
  });
});

describe('nesting', () => {
  test.each([
    ['[', ']'],
    ['{"a":', '}'],
  ])('of %s is allowed 900 levels deep and refused one deeper', (open, close) => {
    const nested = (levels: number): string =>
      `${open.repeat(levels)}${close === ']' ? '' : '1'}${close.repeat(levels)}`;
    expect(answerOfOurs(nested(900))).toBe('ok');
    expect(answerOfOurs(nested(901))).toMatch(/^maximum recursion depth exceeded while decoding a JSON (array|object)/);
  });

  test('a hundred thousand brackets are refused at once', async () => {
    const spentMs = await processorMs(() => {
      expect(answerOfOurs('['.repeat(100_000))).toContain('maximum recursion depth');
      expect(answerOfOurs('{"a":'.repeat(100_000))).toContain('maximum recursion depth');
    });
    expect(spentMs).toBeLessThan(2000);
  });
});

test('values keep their place in the text', () => {
  const text = ' {"a" : [1.0, "x\\u0041"], "b":NaN } ';
  const root = parsePythonJson(text);
  expect(root).toMatchObject({ kind: 'object', start: 1, end: 35 });
  if (root.kind !== 'object') throw new Error('The root must be an object.');
  const written = root.members.map(({ key, value }) => [key, text.slice(value.start, value.end)]);
  expect(written).toEqual([
    ['a', '[1.0, "x\\u0041"]'],
    ['b', 'NaN'],
  ]);
});

test('nodes are made down to the depth asked for, and all is checked', () => {
  const text = '{"a": [[1, 2], 3]}';
  expect(parsePythonJson(text, { nodesToDepth: 1 })).toMatchObject({
    members: [{ key: 'a', value: { kind: 'array', items: [] } }],
  });
  expect(parsePythonJson(text, { nodesToDepth: 2 })).toMatchObject({
    members: [{ value: { items: [{ kind: 'array', items: [] }, { kind: 'number' }] } }],
  });
  expect(() => parsePythonJson('{"a": [[1, 2}', { nodesToDepth: 1 })).toThrow("Expecting ',' delimiter");
});

test('more nodes than asked for are refused', () => {
  expect(parsePythonJson('[1, 2, [3, 4, 5]]', { nodesToDepth: 1, maximumNodes: 4 }).kind).toBe('array');
  expect(() => parsePythonJson('[1, 2, [3], 4]', { nodesToDepth: 1, maximumNodes: 4 })).toThrow('too many values');
});

test('more values than asked for are refused, at whatever depth', () => {
  const text = '[1, 2, [3, {"a": 4}]]';
  for (const nodesToDepth of [0, 1, 9]) {
    expect(parsePythonJson(text, { nodesToDepth, maximumValues: 7 }).kind).toBe('array');
    expect(() => parsePythonJson(text, { nodesToDepth, maximumValues: 6 })).toThrow('too many values');
  }
});
