import type { CollectedFile, CommandReport, Outcome } from '@bullpen/protocol';
import { describe, expect, test } from 'vitest';
import { isRepeatable } from '../../src/cache/is-repeatable.ts';
import { makeLiteralReport, makeLiteralResult } from '../support/literal-result.ts';

const exited: Outcome = { kind: 'exited', exitCode: 1 };
const keeps = (...commands: CommandReport[]): boolean => isRepeatable(makeLiteralResult({ commands }));

describe('outcomes', () => {
  test.each<[boolean, Outcome]>([
    [true, { kind: 'exited', exitCode: 0 }],
    [true, { kind: 'exited', exitCode: 139 }],
    [false, { kind: 'exited', exitCode: 137 }],
    [false, { kind: 'exited', exitCode: 152 }],
    [true, { kind: 'signaled', signal: 'SIGSEGV' }],
    [true, { kind: 'signaled', signal: 'SIGABRT' }],
    [false, { kind: 'signaled', signal: 'SIGKILL' }],
    [false, { kind: 'signaled', signal: 'SIGXCPU' }],
    [false, { kind: 'signaled', signal: 'SIGTERM' }],
    [false, { kind: 'signaled', signal: 'SIGBUS' }],
    [false, { kind: 'signaled', signal: 'SIG64' }],
    [true, { kind: 'not-started', reason: 'program-not-found' }],
    [true, { kind: 'skipped' }],
    [false, { kind: 'wall-time-exceeded' }],
    [false, { kind: 'cpu-time-exceeded' }],
    [false, { kind: 'memory-exceeded' }],
    [false, { kind: 'output-exceeded' }],
    [false, { kind: 'cancelled' }],
  ])('%s: %j, alone and among others', (expected, outcome) => {
    expect(keeps(makeLiteralReport(outcome))).toBe(expected);
    expect(keeps(makeLiteralReport(exited), makeLiteralReport(outcome), makeLiteralReport(exited))).toBe(expected);
  });
});

describe('never what hung on the host or was cut:', () => {
  const { stdout, pressure } = makeLiteralReport(exited);
  test.each<[string, Partial<CommandReport>]>([
    ['a process refused', { pressure: { ...pressure, processesRefused: 1 } }],
    ['a full disk', { pressure: { ...pressure, diskFull: true } }],
    ['a process killed for memory', { pressure: { ...pressure, oomKills: 1 } }],
    ['stdout that was cut', { stdout: { ...stdout, truncated: true } }],
    ['stderr that was cut', { stderr: { ...stdout, truncated: true } }],
  ])('%s', (_what, changes) => {
    expect(keeps(makeLiteralReport(exited, changes))).toBe(false);
  });

  test('a job that was cancelled after its last command', () => {
    expect(isRepeatable(makeLiteralResult({ state: 'cancelled' }))).toBe(false);
  });

  test.each([
    [true, 'missing'],
    [true, 'not-a-regular-file'],
    [false, 'too-large'],
    [false, 'unreadable'],
  ] as const)('%s: a file that is %s', (expected, reason) => {
    const files: CollectedFile[] = [{ state: 'refused', path: 'a', reason }];
    expect(isRepeatable(makeLiteralResult({ files }))).toBe(expected);
  });
});
