import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readPythonJson } from '../../src/python-json/read-python-json.ts';
import { type RealPython, startPython } from '../support/real-python.ts';
import type { RunHereOptions } from './run-here.ts';
import { safeExecHere } from './safe-exec-here.ts';

/**
 * What codejail keeps of the globals, said once more as plainly as can be: `run` executes code, `same` writes a text as Python's json does.
 */
const reference = `
import json
kept = (type(None), int, float, bytes, str, list, tuple, dict)

def decode(value):
    if isinstance(value, bytes):
        return value.decode('utf-8')
    if isinstance(value, (list, tuple)):
        return [decode(item) for item in value]
    if isinstance(value, dict):
        return {decode(key): decode(item) for key, item in value.items()}
    return value

def keep(globals_):
    safe = {}
    for key, value in globals_.items():
        if key == '__builtins__' or not isinstance(value, kept):
            continue
        try:
            safe.update(json.loads(json.dumps(decode({key: value}))))
        except Exception:
            continue
    return safe

def answer(text):
    what, _, rest = text.partition(' ')
    if what == 'same':
        return json.dumps(json.loads(rest))
    globals_ = {}
    exec(rest, globals_)
    return json.dumps(keep(globals_))
`;

// Each answer comes from another process, which may have to wait for a processor.
vi.setConfig({ testTimeout: 60_000 });

let python: RealPython;
beforeAll(() => {
  python = startPython(reference);
});
afterAll(() => python?.close());

/** The JSON text of the globals that the code leaves. */
async function globalsJson(code: string, globals = '{}', change: RunHereOptions = {}): Promise<string> {
  const { status, stderr, globalsJson: text } = await safeExecHere(code, globals, change);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  if (text === null) throw new Error('The answer has not got the nonce.');
  return text;
}

/** Expressions of Python of every kind that json_safe knows or does not know. */
const leaves = fc.oneof(
  fc.constantFrom(
    ...[
      'None',
      'True',
      'False',
      '0',
      '-1',
      '10**4299',
      '10**4300',
      '-10**4300',
      '1.0',
      '-0.0',
      '1e400',
      'float("nan")',
    ],
    ...[
      'b"plain"',
      'b"\\xc3\\xa9"',
      'b"\\xff"',
      '"\\ud800"',
      '"\\U0001f600"',
      '"\\x00\\x7f"',
      '""',
      'object()',
      'print',
    ],
    ...['{1}', '1j', 'bytearray(b"x")', 'range(3)', '(lambda: 1)', 'int', 'OrderedDict(b=1, a=2)', 'Point(1, b"x")'],
    ...['Color.RED', 'Fraction(1, 2)', 'Text("t")', 'Sub({"k": 1})', 'cycle'],
  ),
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? '-0.0' : String(value))),
  fc.string().map((text) => JSON.stringify(text)),
);
const keys = fc.constantFrom(
  ...[
    '"a"',
    '"b"',
    'b"a"',
    'b"\\xff"',
    '1',
    '"1"',
    '1.5',
    'True',
    '"true"',
    'None',
    '"null"',
    '(1, 2)',
    '"\\udfff"',
    'Color.RED',
  ],
);
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaves,
    fc.array(tie('expression'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
    fc.array(tie('expression'), { maxLength: 3 }).map((items) => `(${items.map((item) => `${item},`).join(' ')})`),
    fc
      .array(fc.tuple(keys, tie('expression')), { maxLength: 4 })
      .map((members) => `{${members.map(([key, value]) => `${key}: ${value}`).join(', ')}}`),
  ),
}));

const setting = `
from collections import OrderedDict, namedtuple
from enum import IntEnum
from fractions import Fraction
Point = namedtuple('Point', 'x y')
class Color(IntEnum): RED = 1
class Text(str): pass
class Sub(dict): pass
cycle = []
cycle.append(cycle)
`;

describe('globals that the code leaves', () => {
  test('are those that the plain reference keeps, in its order', async () => {
    const programs = fc.array(expression, { minLength: 30, maxLength: 60 }).map((expressions) => {
      const lines = expressions.map((each, index) => `g${index} = ${each}`);
      return `${setting}${lines.join('\n')}\nglobals()[1] = 'int'\nglobals()[b'k'] = 2\nglobals()[(1,)] = 3\n`;
    });
    const property = fc.asyncProperty(programs, async (code) => {
      expect(await python.ask(`same ${await globalsJson(code)}`)).toBe(await python.ask(`run ${code}`));
    });
    await fc.assert(property, { numRuns: 20 });
  });

  test('are decoded as a whole before one key takes the place of another', async () => {
    const code = `kept = {"a": (10**4300,), b"a": ""}\ndropped = {b"a": b"\\xff", "a": 0}`;
    expect(await globalsJson(code)).toBe('{"kept":{"a":""}}');
    expect(await python.ask(`run ${code}`)).toBe('{"kept": {"a": ""}}');
  });

  test('are the same where Python lacks its fast JSON', async () => {
    const code = `${setting}a = [1, {"k": (b"x", None, True)}, float("nan")]\nbad = b"\\xff"\nd = {b"k": 1, 2: 3}\n`;
    const slow = await globalsJson(code, '{"g": "\\ud800"}', { prelude: 'import sys; sys.modules["_json"] = None\n' });
    expect(slow).toBe(await globalsJson(code, '{"g": "\\ud800"}'));
    expect(readPythonJson(slow)).toMatchObject({ g: '\ud800', a: [1, { k: ['x', null, true] }, Number.NaN] });
  });

  test('may be 899 levels deep; deeper ones are dropped', async () => {
    const code = `
def nested(levels):
    value = []
    for _ in range(levels - 1): value = [value]
    return value
kept, dropped = nested(899), {'k': nested(899)}
wide = [[1]] * 1000
`;
    const left = readPythonJson(await globalsJson(code)) as { wide: unknown[] };
    expect(Object.keys(left)).toEqual(['kept', 'wide']);
    expect(left.wide).toHaveLength(1000);
  });
});

test('a recursion limit of the code is not that of the answer', async () => {
  const code =
    'import sys\nsys.setrecursionlimit(30)\nx = [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]';
  expect(await globalsJson(code)).toContain('[[1]]');
  const deep = 'import sys\nsys.setrecursionlimit(10**7)\nx = []\nfor _ in range(10**6): x = [x]\ny = 1';
  expect(await globalsJson(deep)).toBe('{"_":999999,"y":1}');
});

test('globals that go in may be 900 levels deep, and are as they were written', async () => {
  const globals = `{"a": ${'['.repeat(899)}1.0, 10, "\\ud800", -0.0, NaN${']'.repeat(899)}, "__builtins__": {}}`;
  const left = await globalsJson('b = len(str(a))', globals);
  expect(left).toContain(`${'['.repeat(899)}1.0,10,"\\ud800",-0.0,NaN]`);
  expect(left).toContain('"b":');
});

test('code may have lone surrogates in its text, however they are written', async () => {
  expect(await globalsJson('x = 1', '{"y": "\ud800\u00e9\u{1f600}"}')).toBe(
    '{"y":"\\ud800\\u00e9\\ud83d\\ude00","x":1}',
  );
});

describe('the interpreter is as codejail has it', () => {
  test.each([
    [
      'exit and quit and help',
      'x = [exit.__class__.__name__, repr(quit), callable(help)]',
      ['Quitter', 'Use quit() or Ctrl-D (i.e. EOF) to exit', true],
    ],
    ['the first of sys.path is the work directory', 'import sys, os\nx = sys.path[0] == os.getcwd()', true],
    ["the host's packages are found", 'import sys\nx = any(p.endswith("-packages") for p in sys.path)', true],
    ['stdin is at its end', 'import sys\nx = sys.stdin.read()', ''],
    [
      'print goes nowhere',
      'import sys\nprint("a", flush=True)\nx = [sys.stdout.write("abc"), sys.stdout.isatty()]',
      [3, false],
    ],
    ['no byte code is written', 'import sys\nx = sys.dont_write_bytecode', true],
    ['the environment does not lead it', 'import sys\nx = sys.flags.ignore_environment', 1],
    ['TMPDIR leads to tmp', 'import os\nx = os.environ["TMPDIR"]', 'tmp'],
    ['the name of the module is that of exec', 'x = __name__', 'builtins'],
  ])('%s', async (_, code, expected) => {
    expect(readPythonJson(await globalsJson(code))).toMatchObject({ x: expected });
  });
});

test('a virtual environment is entered, with its packages before the rest', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bullpen-venv-'));
  try {
    execFileSync('/usr/bin/python3', ['-m', 'venv', '--without-pip', folder]);
    const packages = readdirSync(join(folder, 'lib')).map((version) => join(folder, 'lib', version, 'site-packages'));
    writeFileSync(join(packages[0] ?? '', 'only_there.py'), 'y = 7');
    const code = 'import sys, only_there\nx = [only_there.y, sys.prefix]';
    const left = await globalsJson(code, '{}', { python: join(folder, 'bin', 'python3') });
    expect(readPythonJson(left)).toEqual({ x: [7, folder] });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
