import { expect, test } from 'vitest';
import { withinBudget } from '../../src/job/within-budget.ts';

const never = new AbortController().signal;

test('work that ends in time gives its value and leaves no timer behind', async () => {
  const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  expect(await withinBudget({ budgetMs: 60_000, killGraceMs: 60_000, stop: never }, async () => 7)).toBe(7);
  expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length).toBe(before);
});

test('work that goes on beyond its budget is told so and abandoned', async () => {
  let seen: unknown = null;
  const work = (stop: AbortSignal): Promise<never> => {
    stop.addEventListener('abort', () => (seen = stop.reason));
    return new Promise(() => {});
  };
  await expect(withinBudget({ budgetMs: 5, killGraceMs: 5, stop: never }, work)).rejects.toMatchObject({
    code: 'budget-exceeded',
  });
  expect(seen).toBe('budget-exceeded');
});

test('work that was told to stop has only the kill grace left', async () => {
  const stop = AbortSignal.abort('cancelled');
  const late = withinBudget({ budgetMs: 60_000, killGraceMs: 5, stop }, () => new Promise(() => {}));
  await expect(late).rejects.toThrow('after it was told to stop');
});
