import { errorCodes, type Outcome } from '@bullpen/protocol';
import { expect, it } from 'vitest';
import { exitCodeOfError, exitCodeOfOutcome } from '../src/exit-code.ts';

const table: readonly (readonly [Outcome, number])[] = [
  [{ kind: 'exited', exitCode: 0 }, 0],
  [{ kind: 'exited', exitCode: 3 }, 3],
  [{ kind: 'exited', exitCode: 125 }, 125],
  [{ kind: 'signaled', signal: 'SIGABRT' }, 134],
  [{ kind: 'signaled', signal: 'SIGSEGV' }, 139],
  [{ kind: 'signaled', signal: 'SIGTERM' }, 143],
  [{ kind: 'signaled', signal: 'SIGKILL' }, 137],
  [{ kind: 'signaled', signal: 'SIG40' }, 168],
  [{ kind: 'wall-time-exceeded' }, 124],
  [{ kind: 'cpu-time-exceeded' }, 124],
  [{ kind: 'memory-exceeded' }, 137],
  [{ kind: 'output-exceeded' }, 137],
  [{ kind: 'not-started', reason: 'program-not-found' }, 125],
  [{ kind: 'cancelled' }, 130],
  [{ kind: 'skipped' }, 125],
];

it.each(table)('%j exits with %d', (outcome, exitCode) => {
  expect(exitCodeOfOutcome(outcome)).toBe(exitCode);
});

it('is 2 for jobs that cannot be right, and 125 for everything that failed', () => {
  const wrongJobs = ['invalid-job', 'unknown-profile', 'limit-above-ceiling', 'id-taken'];
  for (const code of Object.keys(errorCodes) as (keyof typeof errorCodes)[]) {
    expect(exitCodeOfError(code), code).toBe(wrongJobs.includes(code) ? 2 : 125);
  }
});
