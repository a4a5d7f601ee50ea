import { describe, expect, test } from 'vitest';
import { queuePriority } from '../src/priority.ts';

const noon = Date.UTC(2026, 10, 22, 12);
const minutes = (count: number): number => count * 60_000;

describe('priority in the queue (the smaller, the sooner)', () => {
  test('an interactive job comes before a batch job of the same time, and before one that waited nine minutes', () => {
    expect(queuePriority('interactive', noon)).toBeLessThan(queuePriority('batch', noon));
    expect(queuePriority('interactive', noon + minutes(9))).toBeLessThan(queuePriority('batch', noon));
  });

  test('a batch job that waited eleven minutes comes before a new interactive one: batch work does not starve', () => {
    expect(queuePriority('batch', noon)).toBeLessThan(queuePriority('interactive', noon + minutes(11)));
  });

  test('jobs of one minute and kind are equal, so the queue keeps their order', () => {
    expect(queuePriority('batch', noon)).toBe(queuePriority('batch', noon + 59_999));
  });

  test.each([Date.UTC(2020, 0), Date.UTC(2026, 0), noon, Date.UTC(2029, 9, 20, 21, 20), Date.UTC(2060, 0)])(
    'stays within the queue’s range at %i',
    (now) => {
      for (const kind of ['interactive', 'batch'] as const) {
        expect(queuePriority(kind, now)).toBeGreaterThanOrEqual(1);
        expect(queuePriority(kind, now)).toBeLessThanOrEqual(2_097_151);
      }
    },
  );
});
