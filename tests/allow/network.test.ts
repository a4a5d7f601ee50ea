import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../support/fleet.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet();
});
afterAll(() => fleet?.close());

test.for<[rule: string, probe: string]>([
  ['a unix socket can be made', 'socket-unix'],
  ['a pair of unix sockets carries bytes', 'socketpair-unix'],
  ['an own unix server can be reached', 'listen-unix server 1'],
  ['an own abstract address can be reached', 'listen-unix @server 1'],
])('$0', async ([, words]) => {
  expect((await fleet.probe(words)).answer).toBe('through');
});
