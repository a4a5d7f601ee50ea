import { expect, it } from 'vitest';
import { renderProgress } from '../../src/output/progress-bar.ts';

it.each([
  [0, 4, 0],
  [1, 4, 10],
  [4, 4, 40],
  [9, 4, 40],
  [0, 0, 40],
])('%d of %d draws %d marks', (done, total, marks) => {
  const bar = renderProgress(done, total);
  expect(bar.split('#')).toHaveLength(marks + 1);
  expect(bar).toHaveLength(42 + ` ${done}/${total}`.length);
});
