import type { Outcome, Result } from '@bullpen/protocol';
import { expect, it } from 'vitest';
import { decisiveReport } from '../../src/job/decisive-report.ts';

const resultOf = (...outcomes: readonly Outcome[]): Result =>
  ({ commands: outcomes.map((outcome) => ({ outcome })) }) as unknown as Result;
const good: Outcome = { kind: 'exited', exitCode: 0 };
const bad: Outcome = { kind: 'exited', exitCode: 1 };

it('is the last command when all went well', () => {
  expect(decisiveReport(resultOf(good, good))?.index).toBe(1);
});

it('is the first command that did not exit with 0', () => {
  expect(decisiveReport(resultOf(good, bad, { kind: 'skipped' }))?.index).toBe(1);
  expect(decisiveReport(resultOf({ kind: 'memory-exceeded' }, { kind: 'skipped' }))?.index).toBe(0);
});

it('is nothing without commands', () => {
  expect(decisiveReport(resultOf())).toBeNull();
});
