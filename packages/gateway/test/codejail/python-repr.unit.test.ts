import { expect, test } from 'vitest';
import { processorMs } from '../../../../tests/support/processor-time.ts';
import { pythonRepr } from '../../src/codejail/python-repr.ts';

/** JSON texts, and what CPython 3.11 prints for repr(json.loads(text)). */
const pairs: readonly (readonly [json: string, repr: string])[] = [
  ['null', 'None'],
  ['true', 'True'],
  ['false', 'False'],
  ['NaN', 'nan'],
  ['Infinity', 'inf'],
  ['-Infinity', '-inf'],
  ['5', '5'],
  ['-0', '0'],
  ['-0.0', '-0.0'],
  ['0.0', '0.0'],
  ['123456789012345678901234567890', '123456789012345678901234567890'],
  ['1.50', '1.5'],
  ['1E5', '100000.0'],
  ['1e16', '1e+16'],
  ['1e15', '1000000000000000.0'],
  ['12345678901234567.0', '1.2345678901234568e+16'],
  ['0.0001', '0.0001'],
  ['0.00001', '1e-05'],
  ['-1.25e-7', '-1.25e-07'],
  ['5e-324', '5e-324'],
  ['1e999', 'inf'],
  ['-1e999', '-inf'],
  ['1e-999', '0.0'],
  ['1e100', '1e+100'],
  ['""', "''"],
  ['"it\'s"', '"it\'s"'],
  ['"say \\"hi\\""', '\'say "hi"\''],
  ['"it\'s \\"hi\\""', "'it\\'s \"hi\"'"],
  ['"a\\\\b\\n\\r\\t\\u0000\\u007f"', "'a\\\\b\\n\\r\\t\\x00\\x7f'"],
  ['"é€😀 "', "'é€😀 '"],
  ['"\\u00a0\\u2028\\ufeff\\ud800"', "'\\xa0\\u2028\\ufeff\\ud800'"],
  ['"\\udb40\\udc01"', "'\\U000e0001'"],
  ['[]', '[]'],
  ['{}', '{}'],
  [' [ 1,\n2 , "x" ] ', "[1, 2, 'x']"],
  ['{"a" : {"b":[null,true]},"c":-1}', "{'a': {'b': [None, True]}, 'c': -1}"],
];

test.each(pairs)('%s is shown as %s', (json, repr) => {
  expect(pythonRepr(json, 1000)).toBe(repr);
});

test('what is longer than the bound is cut', () => {
  expect(pythonRepr('[1, 2, 3]', 4)).toBe('[1, …');
  expect(pythonRepr('[1, 2, 3]', 9)).toBe('[1, 2, 3]');
});

test.each([
  ['a string of escapes', `"${'\\"'.repeat(2_000_000)}"`],
  ['a string', `"${'x'.repeat(8_000_000)}"`],
  ['nesting', '['.repeat(4_000_000)],
])('a giant %s is shown in bounded time', async (_, json) => {
  const spentMs = await processorMs(() => expect(pythonRepr(json, 1000)).toHaveLength(1001));
  expect(spentMs).toBeLessThan(2000);
});
