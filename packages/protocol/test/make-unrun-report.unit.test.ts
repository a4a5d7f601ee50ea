import { expect, test } from 'vitest';
import { makeUnrunReport } from '../src/make-unrun-report.ts';
import { commandReportSchema } from '../src/result.ts';

test.each(['skipped', 'cancelled'] as const)('a %s command has a whole report that measured nothing', (kind) => {
  const report = makeUnrunReport(kind);
  expect(commandReportSchema.parse(report)).toEqual(report);
  expect(report.outcome).toEqual({ kind });
  expect([report.stdout, report.stderr]).toMatchObject([{ data: '' }, { data: '' }]);
  expect(new Set([...Object.values(report.usage), ...Object.values(report.pressure)])).toEqual(new Set([0, false]));
});
