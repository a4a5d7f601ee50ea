import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../support/fleet.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet();
});
afterAll(() => fleet?.close());

test.for<[rule: string, probe: string]>([
  ['a process can be started', 'fork'],
  ['a thread can be started', 'thread'],
  ['a child can be signalled', 'signal-child'],
  ['/proc shows the program itself', 'see-self'],
  ['the priority can be lowered', 'lower-priority'],
])('$0', async ([, words]) => {
  expect((await fleet.probe(words)).answer).toBe('through');
});

test('a pipeline of programs works', async () => {
  expect((await fleet.shell('seq 3 | sort -r | head -1')).stdout.data).toBe('3\n');
});

test.for<[signal: string, number: number]>([
  ['SIGTERM', 15],
  ['SIGINT', 2],
  ['SIGKILL', 9],
])('a program that kills itself with %s ends as signaled', async ([signal, number]) => {
  expect((await fleet.probe(`kill-self ${number}`)).report.outcome).toEqual({ kind: 'signaled', signal });
});

test('a program that calls abort() ends as SIGABRT', async () => {
  expect((await fleet.probe('abort')).report.outcome).toEqual({ kind: 'signaled', signal: 'SIGABRT' });
});
