import { tuple, assert, asyncProperty, double, integer, oneof } from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { processorMs } from '../../../../tests/support/processor-time.ts';
import { type RealPython, startPython } from '../../../client/test/support/real-python.ts';
import { parseFloatText, renderPythonFloat } from '../../src/codebox/python-float.ts';

let python: RealPython;
beforeAll(() => {
  python = startPython(`
import struct
def answer(text):
    return repr(struct.unpack('>d', bytes.fromhex(text))[0])
`);
});
afterAll(() => python?.close());

function bitsOf(value: number): string {
  const bits = Buffer.alloc(8);
  bits.writeDoubleBE(value);
  return bits.toString('hex');
}

test('prints every float as Python does', async () => {
  const simple = tuple(integer(), integer({ min: -30, max: 30 })).map(([digits, power]) => digits * 10 ** power);
  await assert(
    asyncProperty(oneof(double(), simple), async (value) => {
      expect(renderPythonFloat(value)).toBe(await python.ask(bitsOf(value)));
    }),
    { numRuns: 3000 },
  );
});

describe('a float', () => {
  test.for<[value: number, text: string]>([
    [0.2, '0.2'],
    [0, '0.0'],
    [-0, '-0.0'],
    [-1, '-1.0'],
    [5, '5.0'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1.5e-7, '1.5e-07'],
    [123_456_789.123, '123456789.123'],
    [9_999_999_999_999_998, '9999999999999998.0'],
    [1e16, '1e+16'],
    [1e22, '1e+22'],
    [5e-324, '5e-324'],
    [-Infinity, '-inf'],
    [Number.NaN, 'nan'],
  ])('%d is %s', ([value, text]) => {
    expect(renderPythonFloat(value)).toBe(text);
  });
});

// The answers of Pydantic 2.13.
describe('a text where a float is asked for', () => {
  test.for<[text: string, value: number | null]>([
    ['0.1', 0.1],
    [' 1 ', 1],
    ['\u00a01\n', 1],
    ['1_0', 10],
    ['1_.5', 1.5],
    ['1e5_0', 1e50],
    ['1e5', 100_000],
    ['.5', 0.5],
    ['5.', 5],
    ['+5', 5],
    ['inf', Infinity],
    ['-Infinity', -Infinity],
    ['INF', Infinity],
    ['nan', Number.NaN],
    ['1e400', Infinity],
    ['1__0', null],
    ['_1', null],
    ['1_', null],
    ['abc', null],
    ['', null],
    ['0x10', null],
    ['1 2', null],
    ['１', null],
    ['.', null],
    [`${'1'.repeat(999)}x`, null],
    ['1'.repeat(1001), null],
  ])('%j is %d', ([text, value]) => {
    expect(parseFloatText(text)).toBe(value);
  });
});

test('a text of a million digits is refused at once', async () => {
  const spentMs = await processorMs(() => expect(parseFloatText(`${'1'.repeat(1_000_000)}x`)).toBeNull());
  expect(spentMs).toBeLessThan(1000);
});
