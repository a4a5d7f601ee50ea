import { expect, it } from 'vitest';
import { planSubmissions } from '../../src/demo/plan-submissions.ts';
import type { Sample } from '../../src/demo/sample.ts';

const sample = (file: string, weight: number): Sample => ({
  file,
  weight,
  profile: 'python',
  class: 'good',
  outcome: 'exited 0',
});
const samples = [sample('a', 6), sample('b', 3), sample('c', 1)];

function countOf(plan: readonly Sample[]): Record<string, number> {
  return Object.fromEntries(samples.map(({ file }) => [file, plan.filter((entry) => entry.file === file).length]));
}

it('submits each sample in proportion to its weight', () => {
  expect(countOf(planSubmissions(samples, 100))).toEqual({ a: 60, b: 30, c: 10 });
});

it('submits each sample once when there is room for that only', () => {
  expect(countOf(planSubmissions(samples, 3))).toEqual({ a: 1, b: 1, c: 1 });
});

it('submits as many as it is asked for', () => {
  for (const total of [1, 7, 199, 200]) expect(planSubmissions(samples, total)).toHaveLength(total);
});

it('is mixed, and the same every time', () => {
  const plan = planSubmissions(samples, 50);
  expect(plan).toEqual(planSubmissions(samples, 50));
  expect(plan.slice(0, 30).some(({ file }) => file !== 'a')).toBe(true);
});

it('is empty without samples', () => {
  expect(planSubmissions([], 10)).toEqual([]);
});
