import { expect, test } from 'vitest';
import { commandBytes } from '../src/command-bytes.ts';
import { jobBounds } from '../src/job.ts';

test('counts bytes, not characters, and what each string costs on its way', () => {
  expect(commandBytes(['ab', 'ü'], { A: 'x' })).toBe(2 + 2 + 3 + 3 * 8);
});

test('the heaviest command that is allowed fits into one frame of the jailer together with its limits', () => {
  const frameBodyBytes = 131_072;
  const limits = 9 * (8 + 8);
  expect(jobBounds.argvBytes + limits).toBeLessThanOrEqual(frameBodyBytes);
});
