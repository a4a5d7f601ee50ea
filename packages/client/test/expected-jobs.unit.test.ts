import { expect, test } from 'vitest';
import { createExpectedJobs } from '../src/expected-jobs.ts';

test('a job is expected until its end was told', () => {
  const jobs = createExpectedJobs();
  jobs.add(['a', 'b']);
  jobs.drop('a');
  expect([jobs.has('a'), jobs.has('b'), jobs.has('c')]).toEqual([false, true, false]);
});

test('of more jobs than anybody waits for the newest are kept', () => {
  const jobs = createExpectedJobs();
  for (let batch = 0; batch < 150; batch += 1) jobs.add(Array.from({ length: 100 }, (_, index) => `${batch}-${index}`));
  expect([jobs.has('49-99'), jobs.has('50-0'), jobs.has('149-99')]).toEqual([false, true, true]);
});
