import type { Outcome, Result } from '@bullpen/protocol';
import { expect, it } from 'vitest';
import { judgeSample } from '../../src/demo/judge-sample.ts';
import type { Sample } from '../../src/demo/sample.ts';

const bomb: Sample = { profile: 'c', class: 'hostile', file: 'c/hostile/b.c', weight: 1, outcome: 'memory-exceeded' };
const withCgroup = [{ name: 'cgroup', detail: 'v1 memory pids cpu' }];
const withoutMemory = [{ name: 'cgroup', detail: 'v2 pids' }];

/** The parts of a result that a judgement looks at. */
function resultOf(outcome: Outcome, layers: NonNullable<Result['receipt']>['layers']): Result {
  const nothing = { encoding: 'utf8', data: '', bytesSeen: 0, truncated: false };
  return { commands: [{ outcome, stdout: nothing, stderr: nothing }], receipt: { layers } } as unknown as Result;
}

it.each([
  ['ended by the kernel', { kind: 'memory-exceeded' }, withCgroup, true],
  ['failed although a cgroup holds it', { kind: 'exited', exitCode: 1 }, withCgroup, false],
  ['failed without a cgroup', { kind: 'exited', exitCode: 1 }, [], true],
  ['failed without a memory cgroup', { kind: 'signaled', signal: 'SIGSEGV' }, withoutMemory, true],
  ['ran out of time without a cgroup', { kind: 'wall-time-exceeded' }, [], true],
  ['succeeded without a cgroup', { kind: 'exited', exitCode: 0 }, [], false],
] as const)('judges a memory bomb that %s', (_what, outcome, layers, asExpected) => {
  expect(judgeSample(bomb, resultOf(outcome as Outcome, [...layers])).asExpected).toBe(asExpected);
});
