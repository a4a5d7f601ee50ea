import { createCatalog } from '@bullpen/profiles';
import { makeUnrunReport } from '@bullpen/protocol';
import { expect, test } from 'vitest';
import { makeReport } from '../../src/job/make-report.ts';
import { createOutputBudget } from '../../src/job/output-budget.ts';
import { quietReport, says } from '../support/literal-slot.ts';

const limits = createCatalog().profiles[0]?.defaults;
if (limits === undefined) throw new Error('There are no profiles.');

test('microseconds become milliseconds and every measure has its place', () => {
  const report = makeReport({ ...quietReport, processesRefused: 2, diskFull: true }, limits, createOutputBudget(100));
  expect(report.usage).toMatchObject({
    wallTimeMs: 1.5,
    cpuTimeMs: 1,
    userTimeMs: 0.6,
    systemTimeMs: 0.4,
    peakMemoryBytes: 4096,
  });
  expect(report.pressure).toEqual({ processesRefused: 2, diskFull: true, oomKills: 0 });
});

test('output that is no UTF-8 is kept as bytes', () => {
  const report = makeReport(
    { ...quietReport, stdout: { bytes: Buffer.from([0xff, 0xfe]), bytesSeen: 2 } },
    limits,
    createOutputBudget(100),
  );
  expect(report.stdout).toEqual({ encoding: 'base64', data: '//4=', bytesKept: 2, bytesSeen: 2, truncated: false });
});

test('what the jailer had to cut counts as truncated', () => {
  const report = makeReport(
    { ...quietReport, endedBy: 'output', stderr: says('abc', 900) },
    limits,
    createOutputBudget(100),
  );
  expect(report.outcome).toEqual({ kind: 'output-exceeded' });
  expect(report.stderr).toMatchObject({ data: 'abc', bytesKept: 3, bytesSeen: 900, truncated: true });
});

test('all streams of a job share one budget, and what it cuts counts as truncated too', () => {
  const budget = createOutputBudget(5);
  const report = makeReport({ ...quietReport, stdout: says('abcd'), stderr: says('efgh') }, limits, budget);
  expect([report.stdout.data, report.stderr.data]).toEqual(['abc', 'ef']);
  expect([report.stdout.truncated, report.stderr.truncated]).toEqual([true, true]);
  expect(report.outcome).toEqual({ kind: 'exited', exitCode: 0 });
  expect(budget.left).toBe(0);
});

test('a command that never ran has the same shape as one that did', () => {
  const keys = (value: object): string[] => Object.keys(value).sort();
  const unrun = makeUnrunReport('skipped');
  const ran = makeReport(quietReport, limits, createOutputBudget(1));
  expect(keys(unrun)).toEqual(keys(ran));
  expect(keys(unrun.usage)).toEqual(keys(ran.usage));
});
