import { makeUnrunReport } from '@bullpen/protocol';
import { expect, test } from 'vitest';
import { summarize } from '../../src/job/summarize.ts';

test('the summary counts outcomes and stays far below 2 KB', () => {
  const commands = Array.from({ length: 64 }, (_, index) => makeUnrunReport(index < 60 ? 'skipped' : 'cancelled'));
  const summary = summarize({ state: 'cancelled', commands });
  expect(summary).toEqual({ state: 'cancelled', outcomes: { skipped: 60, cancelled: 4 } });
  expect(JSON.stringify(summary).length).toBeLessThan(300);
});
