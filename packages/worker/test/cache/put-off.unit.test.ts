import { expect, test } from 'vitest';
import { putOffMs, putOffsMax } from '../../src/cache/put-off.ts';

test('a pause is half of what the other has run, with bounds, and up to a quarter of it is left out', () => {
  const last = (): number => 1;
  expect([0, 100, 400, 1000, 60_000, 3_600_000].map((ms) => putOffMs(ms, last))).toEqual([
    50, 50, 200, 500, 30_000, 30_000,
  ]);
  expect(putOffMs(400, () => 0)).toBe(150);
});

test('so often as a job waits at most, it outwaits a run of 25 minutes', () => {
  let waitedMs = 0;
  for (let starts = 1; starts <= putOffsMax; starts += 1) waitedMs += putOffMs(waitedMs, () => 0);
  expect(waitedMs).toBeGreaterThan(25 * 60_000);
});
