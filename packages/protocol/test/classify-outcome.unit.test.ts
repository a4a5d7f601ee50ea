import { describe, expect, test } from 'vitest';
import { type CommandFacts, classifyOutcome } from '../src/classify-outcome.ts';
import type { Outcome } from '../src/outcome.ts';

const exitedZero: CommandFacts = {
  endedBy: 'itself',
  exitCode: 0,
  signal: null,
  startErrno: 0,
  oomKills: 0,
  cpuTimeMs: 100,
  cpuLimitMs: 1000,
  outputBytesSeen: 10,
  outputLimitBytes: 100,
};

const killed: Partial<CommandFacts> = { exitCode: null, signal: 9 };
const ended = (endedBy: CommandFacts['endedBy']): Partial<CommandFacts> => ({ ...killed, endedBy });
const notStarted = (startErrno: number): Partial<CommandFacts> => ({ exitCode: null, startErrno });

type Row = [what: string, facts: Partial<CommandFacts>, outcome: Outcome];

describe('one cause', () => {
  test.each<Row>([
    ['exit code 0', {}, { kind: 'exited', exitCode: 0 }],
    ['exit code 255', { exitCode: 255 }, { kind: 'exited', exitCode: 255 }],
    ['a signal', { exitCode: null, signal: 11 }, { kind: 'signaled', signal: 'SIGSEGV' }],
    ['a real-time signal', { exitCode: null, signal: 40 }, { kind: 'signaled', signal: 'SIG40' }],
    ['the wall limit', ended('wall-time'), { kind: 'wall-time-exceeded' }],
    ['the CPU limit', ended('cpu-time'), { kind: 'cpu-time-exceeded' }],
    ['the output limit', ended('output'), { kind: 'output-exceeded' }],
    ['a request to kill', ended('kill'), { kind: 'cancelled' }],
    ['the memory limit', { ...killed, oomKills: 1 }, { kind: 'memory-exceeded' }],
    ['ENOENT', notStarted(2), { kind: 'not-started', reason: 'program-not-found' }],
    ['ENOTDIR', notStarted(20), { kind: 'not-started', reason: 'program-not-found' }],
    ['EACCES', notStarted(13), { kind: 'not-started', reason: 'program-not-executable' }],
    ['EPERM', notStarted(1), { kind: 'not-started', reason: 'program-not-executable' }],
    ['ENOEXEC', notStarted(8), { kind: 'not-started', reason: 'program-format-unknown' }],
    ['E2BIG', notStarted(7), { kind: 'not-started', reason: 'arguments-too-long' }],
  ])('%s', (_what, facts, outcome) => {
    expect(classifyOutcome({ ...exitedZero, ...facts })).toEqual(outcome);
  });
});

describe('the CPU limit enforced by the kernel', () => {
  test.each<Row>([
    ['SIGXCPU at the limit', { exitCode: null, signal: 24, cpuTimeMs: 1000 }, { kind: 'cpu-time-exceeded' }],
    [
      'SIGXCPU a little before, by a coarser clock',
      { exitCode: null, signal: 24, cpuTimeMs: 950 },
      { kind: 'cpu-time-exceeded' },
    ],
    [
      'SIGXCPU that the program sent itself',
      { exitCode: null, signal: 24, cpuTimeMs: 5 },
      { kind: 'signaled', signal: 'SIGXCPU' },
    ],
    ['SIGKILL at the limit', { ...killed, cpuTimeMs: 1000 }, { kind: 'cpu-time-exceeded' }],
    ['SIGKILL before it', { ...killed, cpuTimeMs: 999 }, { kind: 'signaled', signal: 'SIGKILL' }],
    [
      'another signal at the limit',
      { exitCode: null, signal: 11, cpuTimeMs: 1000 },
      { kind: 'signaled', signal: 'SIGSEGV' },
    ],
  ])('%s', (_what, facts, outcome) => {
    expect(classifyOutcome({ ...exitedZero, ...facts })).toEqual(outcome);
  });
});

describe('output is counted, whoever was faster', () => {
  test.each<Row>([
    ['at the limit', { outputBytesSeen: 100 }, { kind: 'exited', exitCode: 0 }],
    ['over it, exited before it was ended', { outputBytesSeen: 101 }, { kind: 'output-exceeded' }],
  ])('%s', (_what, facts, outcome) => {
    expect(classifyOutcome({ ...exitedZero, ...facts })).toEqual(outcome);
  });
});

describe('causes together', () => {
  test.each<Row>([
    [
      'killed on request, after too much of everything',
      { ...ended('kill'), oomKills: 1, outputBytesSeen: 101 },
      { kind: 'cancelled' },
    ],
    ['killed on request before it started', { ...notStarted(2), endedBy: 'kill' }, { kind: 'cancelled' }],
    [
      'not started in a jail that was killed for memory',
      { ...notStarted(2), oomKills: 1 },
      { kind: 'not-started', reason: 'program-not-found' },
    ],
    ['output and memory', { ...ended('output'), oomKills: 1 }, { kind: 'output-exceeded' }],
    ['output and wall time', { ...ended('wall-time'), outputBytesSeen: 101 }, { kind: 'output-exceeded' }],
    [
      'memory and wall time: the parent waited for a dead child',
      { ...ended('wall-time'), oomKills: 1 },
      { kind: 'memory-exceeded' },
    ],
    ['memory and CPU time', { ...ended('cpu-time'), oomKills: 2 }, { kind: 'memory-exceeded' }],
    [
      'memory and an exit code: a shell said 137 of its child',
      { exitCode: 137, oomKills: 1 },
      { kind: 'memory-exceeded' },
    ],
    ['memory and exit code 0: the parent carried on', { oomKills: 1 }, { kind: 'memory-exceeded' }],
    [
      'memory and SIGABRT: the runtime gave up',
      { exitCode: null, signal: 6, oomKills: 1 },
      { kind: 'memory-exceeded' },
    ],
    ['CPU time and wall time', { ...ended('wall-time'), cpuTimeMs: 1000 }, { kind: 'cpu-time-exceeded' }],
    ['wall time with CPU time to spare', { ...ended('wall-time'), cpuTimeMs: 999 }, { kind: 'wall-time-exceeded' }],
  ])('%s', (_what, facts, outcome) => {
    expect(classifyOutcome({ ...exitedZero, ...facts })).toEqual(outcome);
  });
});

test('facts that no command can have are ours to explain', () => {
  expect(() => classifyOutcome({ ...exitedZero, exitCode: null })).toThrow(
    'a command must have ended by a signal, an exit code or the jailer, got none of them',
  );
});
