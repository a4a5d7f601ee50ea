import { assert, json, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOutsideStrings } from '../../src/codebox/bytes-outside-strings.ts';

describe('bytes outside strings', () => {
  test.for<[text: string, count: number]>([
    ['', 0],
    ['[1, 2]', 6],
    ['"abc"', 2],
    [String.raw`["a\"b\\", "\\"]`, 8],
    ['{"é😀": "€"}', 8],
    ['"never closed [[[[', 1],
    ['"\\', 1],
  ])('of %s are %i', ([text, count]) => {
    expect(bytesOutsideStrings(Buffer.from(text))).toBe(count);
  });

  test('are what is left when the strings are emptied', () => {
    assert(
      property(json(), (text) => {
        const emptied = text.replace(/"(?:[^"\\]|\\.)*"/g, '""');
        expect(bytesOutsideStrings(Buffer.from(text))).toBe(Buffer.byteLength(emptied));
      }),
    );
  });
});
