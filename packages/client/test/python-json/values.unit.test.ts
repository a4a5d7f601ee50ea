import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { mergePythonObjects } from '../../src/python-json/merge-python-objects.ts';
import { readPythonJson } from '../../src/python-json/read-python-json.ts';
import { renderPythonJson } from '../../src/python-json/render-python-json.ts';
import { type RealPython, startPython } from '../support/real-python.ts';

/** Reads and writes; `a` and `b` of `{"merge": [a, b]}` are merged. */
const program = `
import json
def answer(text):
    value = json.loads(text)
    if isinstance(value, dict) and value.get('merge'):
        base, update = value['merge']
        base.update(update)
        value = base
    return json.dumps(value)
`;

// Each answer comes from another process, which may have to wait for a processor.
vi.setConfig({ testTimeout: 60_000 });

let python: RealPython;
beforeAll(() => {
  python = startPython(program);
});
afterAll(() => python?.close());

const anyString = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) });
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false, Number.NaN, Infinity, -Infinity, -0, 0, 2 ** 53, -(2 ** 53), 1e21, 1e-7),
    fc.double(),
    fc.integer(),
    fc.bigInt().filter((value) => !Number.isSafeInteger(Number(value))),
    anyString,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(anyString, fc.constantFrom('__proto__', 'constructor', '1')), tie('tree'), { maxKeys: 4 }),
  ),
}));

describe('values', () => {
  test('pass through Python and come back the same', async () => {
    const property = fc.asyncProperty(tree, async (value) => {
      const text = renderPythonJson(value);
      const back = readPythonJson(await python.ask(text));
      expect(renderPythonJson(back)).toBe(renderPythonJson(readPythonJson(text)));
      expect(back).toEqual(readPythonJson(text));
    });
    await fc.assert(property, { numRuns: 1500 });
  });

  test('are read as Python reads them, but that 1 and 1.0 are one number', () => {
    expect(readPythonJson('[1, 1.0, -0, -0.0, 9007199254740991, 9007199254740992, 1e400, NaN]')).toEqual([
      1,
      1,
      0,
      -0,
      9007199254740991,
      9007199254740992n,
      Infinity,
      Number.NaN,
    ]);
    expect(readPythonJson('"\\ud83d\\ude00 \\ud800"')).toBe('😀 \ud800');
    expect(readPythonJson('{"a": 1, "b": 2, "a": 3}')).toEqual({ a: 3, b: 2 });
  });

  test('are written so that Python sees the same', () => {
    expect(renderPythonJson([1, -0, 0.5, 2n ** 64n, Number.NaN, -Infinity, '\ud800', null, true])).toBe(
      '[1,-0.0,0.5,18446744073709551616,NaN,-Infinity,"\\ud800",null,true]',
    );
  });

  test('named __proto__ are members like others', () => {
    const value = readPythonJson('{"__proto__": {"polluted": 1}, "a": 2}');
    expect(Object.keys(value as object)).toEqual(['__proto__', 'a']);
    expect(Reflect.get(Object.prototype, 'polluted')).toBeUndefined();
    expect(renderPythonJson(value)).toBe('{"__proto__":{"polluted":1},"a":2}');
  });
});

const cycle: unknown[] = [];
cycle.push(cycle);
const deep = (levels: number): unknown => (levels === 0 ? [] : [deep(levels - 1)]);

describe('what JSON has no form for is refused with its place', () => {
  test.each<[string, unknown, string]>([
    ['undefined', { a: [1, undefined] }, 'globals.a[1] is an undefined, which JSON has no form for: leave it out.'],
    ['a function', { f: () => 1 }, 'globals.f is a function, which JSON has no form for: leave it out.'],
    ['bytes', { b: new Uint8Array(1) }, 'globals.b is an Uint8Array, which JSON has no form for: convert it first.'],
    ['a date', new Date(0), 'globals is a Date, which JSON has no form for: convert it first.'],
    ['a map', new Map(), 'globals is a Map, which JSON has no form for: convert it first.'],
    ['a cycle', cycle, 'is more than 900 levels deep: make it flatter.'],
    ['901 levels', deep(900), 'is more than 900 levels deep: make it flatter.'],
    ['a long int', -(10n ** 4300n), 'globals has 4301 digits, and Python reads at most 4300: send it as a text.'],
  ])('%s', (_, value, sentence) => {
    expect(() => renderPythonJson(value, 'globals')).toThrow(sentence);
  });

  test('900 levels and 4300 digits are fine', () => {
    expect(readPythonJson(renderPythonJson(deep(899)))).toEqual(deep(899));
    expect(readPythonJson(renderPythonJson(-(10n ** 4299n)))).toBe(-(10n ** 4299n));
  });
});

describe('merging', () => {
  test('keeps places, replaces values and appends, as dict.update does', () => {
    expect(mergePythonObjects('{"b": 1.0, "a": [NaN], "1": 2}', '{"c": 1e5, "a": "\\ud800", "c": 7}')).toBe(
      '{"b":1.0,"a":"\\ud800","1":2,"c":7}',
    );
  });

  test('gives what Python gives', async () => {
    const dictionary = fc.dictionary(fc.constantFrom('a', 'b', '1', '__proto__', 'é'), tree);
    const property = fc.asyncProperty(dictionary, dictionary, async (base, update) => {
      const [a, b] = [renderPythonJson(base), renderPythonJson(update)];
      expect(await python.ask(mergePythonObjects(a, b))).toBe(await python.ask(`{"merge": [${a}, ${b}]}`));
    });
    await fc.assert(property, { numRuns: 500 });
  });

  test('refuses what is no object', () => {
    expect(() => mergePythonObjects('[]', '{}')).toThrow('must be that of an object, got one of kind array');
  });
});
