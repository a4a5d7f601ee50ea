import { array, assert, asyncProperty, constantFrom, oneof, string } from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { processorMs } from '../../../../tests/support/processor-time.ts';
import { type RealPython, startPython } from '../../../client/test/support/real-python.ts';
import { ShellWordsError, splitShellWords } from '../../src/codebox/shell-words.ts';

const program = `
import json, shlex
def answer(text):
    try:
        return json.dumps(shlex.split(text))
    except ValueError as error:
        return json.dumps(str(error))
`;

let python: RealPython;
beforeAll(() => {
  python = startPython(program);
});
afterAll(() => python?.close());

function split(line: string): readonly string[] | string {
  try {
    return splitShellWords(line);
  } catch (error) {
    if (error instanceof ShellWordsError) return error.message;
    throw error;
  }
}

/** Mostly characters that mean something, so that quotes and backslashes meet. */
const line = array(
  oneof({ weight: 4, arbitrary: constantFrom(...Array.from('ab \t\r\n\'"\\#;|&*$~`')) }, string({ unit: 'binary' })),
).map((parts) => parts.join(''));

test('splits every line as Python does', async () => {
  await assert(
    asyncProperty(line, async (text) => {
      expect(split(text)).toEqual(JSON.parse(await python.ask(text)));
    }),
    { numRuns: 3000 },
  );
});

describe('words', () => {
  test.for<[line: string, words: readonly string[]]>([
    ['', []],
    [' \t\r\n', []],
    ["''", ['']],
    ['a "" b', ['a', '', 'b']],
    ['/venv/bin/python  hello.py', ['/venv/bin/python', 'hello.py']],
    [`sqlite3 x.db ".exit"`, ['sqlite3', 'x.db', '.exit']],
    [String.raw`a\ b "c\d\"e" 'f\g'`, ['a b', String.raw`c\d"e`, String.raw`f\g`]],
    ['cat * | wc && # no comment', ['cat', '*', '|', 'wc', '&&', '#', 'no', 'comment']],
    [`a"b"'c'`, ['abc']],
    ['a\\\nb', ['a\nb']],
    ['a\u00a0b', ['a\u00a0b']],
  ])('%j', ([text, words]) => {
    expect(split(text)).toEqual(words);
  });
});

describe('a line that ends too early', () => {
  test.for<[line: string, problem: string]>([
    [`echo 'x`, 'No closing quotation'],
    ['echo "x', 'No closing quotation'],
    ['echo x\\', 'No escaped character'],
    ['echo "x\\', 'No escaped character'],
    ["echo 'x\\", 'No closing quotation'],
  ])('%j', ([text, problem]) => {
    expect(split(text)).toBe(problem);
  });
});

test.for(["\\'", '"a"', "'", ' a', 'a', '"\\a"'])('a line of many %s costs no more than its length', async (part) => {
  const spentMs = await processorMs(() => {
    split(part.repeat(100_000));
    split(`"${part.repeat(100_000)}`);
  });
  expect(spentMs).toBeLessThan(2000);
});
