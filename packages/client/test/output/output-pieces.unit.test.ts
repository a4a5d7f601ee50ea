import { encodeBytes } from '@bullpen/protocol';
import { assert, constantFrom, integer, nat, property, string, tuple, uint8Array } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { outputPieces } from '../../src/output/output-pieces.ts';
import { SharedResults } from '../../src/output/shared-results.ts';
import { resultOf } from './literal-output.ts';

const join = (pieces: Iterable<Uint8Array>): Buffer => Buffer.concat([...pieces]);

describe('the pieces of an output', () => {
  test.each([
    ['text', Buffer.from('aé€😀'.repeat(20_000))],
    ['text of the longest characters alone', Buffer.from('😀'.repeat(40_000))],
    ['text with one such character where a piece ends', Buffer.from(`${'x'.repeat(16_383)}😀${'€'.repeat(16_384)}`)],
    ['other bytes', Buffer.alloc(200_001, Buffer.from([0xff, 0, 7, 0xfe]))],
    ['nothing', Buffer.alloc(0)],
  ])('are at most 48 KiB each and its bytes together, from any place: %s', (_what, bytes) => {
    for (const from of [0, 1, 2, 3, 49_151, 49_152, 49_153, 100_000, bytes.length]) {
      const pieces = [...outputPieces(encodeBytes(bytes), from)];
      expect(join(pieces).equals(bytes.subarray(from))).toBe(true);
      expect(pieces.every(({ length }) => length > 0 && length <= 49_152)).toBe(true);
    }
  });

  test('are those of whatever a program writes', () => {
    const text = tuple(string({ unit: 'grapheme' }), integer({ min: 1, max: 20_000 }), constantFrom('', 'x', '😀'))
      .filter(([unit]) => unit.isWellFormed())
      .map(([unit, times, start]) => Buffer.from(start + unit.repeat(Math.ceil(times / (unit.length + 1)))));
    const bytes = uint8Array({ maxLength: 100 }).map((some) => Buffer.concat([some, Buffer.from([0xff]), some]));
    for (const content of [text, bytes]) {
      assert(
        property(content, nat(70_000), (all, from) => {
          expect(join(outputPieces(encodeBytes(all), from)).equals(all.subarray(from))).toBe(true);
        }),
      );
    }
  });
});

describe('who reads a result while another one does', () => {
  const result = { ...resultOf([{ stdout: 'a' }]), jobId: 'j1', finishedAt: 5 };

  test('gets the copy of that one', () => {
    const shared = new SharedResults();
    const first = shared.share({ ...result });
    expect(shared.share({ ...result })).toBe(first);
  });

  test('but not of another job, or of another run of it', () => {
    const shared = new SharedResults();
    const first = shared.share(result);
    for (const other of [
      { ...result, jobId: 'j2' },
      { ...result, attempt: 2 },
      { ...result, finishedAt: 6 },
    ])
      expect(shared.share(other)).toBe(other);
    expect(first).toBe(result);
  });
});
