import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { hasOwnRoot } from '../support/rung.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet();
});
afterAll(() => fleet?.close());

/** Of a network of the jail's own. Where there is none, a socket could reach the host's: only pairs are left. */
const ownSockets: [rule: string, probe: string][] = [
  ['a unix socket can be made', 'socket-unix'],
  ['an own unix server can be reached', 'listen-unix server 1'],
  ['an own abstract address can be reached', 'listen-unix @server 1'],
];

test.for<[rule: string, probe: string]>([
  ['a pair of unix sockets carries bytes', 'socketpair-unix'],
  ...(hasOwnRoot ? ownSockets : []),
])('$0', async ([, words]) => {
  expect((await fleet.probe(words)).answer).toBe('through');
});
