import { expect, it } from 'vitest';
import { countPart, readCounts } from '../../src/testing/read-counts.ts';

it.each([
  ['vitest: 12 passed, 1 failed, 2 skipped', { passed: 12, failed: 1 }],
  ['check: 5 passed, 0 failed', { passed: 5, failed: 0 }],
  ['12 passed, 1 failed', null],
  ['      Tests  12 passed (12)', null],
])('%s', (line, counts) => {
  expect(readCounts(line)).toEqual(counts);
});

it('adds the lines of a part', () => {
  expect(
    countPart(
      [
        { passed: 2, failed: 0 },
        { passed: 3, failed: 1 },
      ],
      1,
    ),
  ).toEqual({ passed: 5, failed: 1 });
});

it('counts a part without counting lines as one test', () => {
  expect(countPart([], 0)).toEqual({ passed: 1, failed: 0 });
  expect(countPart([], 2)).toEqual({ passed: 0, failed: 1 });
});

it('counts a failure for a part that ended badly without having counted one', () => {
  expect(countPart([{ passed: 9, failed: 0 }], 1)).toEqual({ passed: 9, failed: 1 });
  expect(countPart([{ passed: 9, failed: 0 }], null)).toEqual({ passed: 9, failed: 1 });
});
