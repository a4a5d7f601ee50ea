import type { Outcome } from '@bullpen/protocol';
import { expect, test } from 'vitest';
import { codejailStatus } from '../../src/codejail/codejail-status.ts';

test.each<[Outcome, number]>([
  [{ kind: 'exited', exitCode: 0 }, 0],
  [{ kind: 'exited', exitCode: 137 }, 137],
  [{ kind: 'signaled', signal: 'SIGSEGV' }, -11],
  [{ kind: 'signaled', signal: 'SIGABRT' }, -6],
  [{ kind: 'signaled', signal: 'SIGKILL' }, -9],
  [{ kind: 'signaled', signal: 'SIGXFSZ' }, -25],
  [{ kind: 'signaled', signal: 'SIG40' }, -40],
  [{ kind: 'cpu-time-exceeded' }, -24],
  [{ kind: 'wall-time-exceeded' }, -9],
  [{ kind: 'memory-exceeded' }, -9],
  [{ kind: 'output-exceeded' }, -9],
  [{ kind: 'not-started', reason: 'program-not-found' }, 1],
])('%j has status %i', (outcome, status) => {
  expect(codejailStatus(outcome)).toBe(status);
});

test.each(['cancelled', 'skipped'] as const)('a command that was %s has none', (kind) => {
  expect(() => codejailStatus({ kind })).toThrow('has no status');
});
