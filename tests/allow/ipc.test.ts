import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { hasOwnRoot } from '../support/rung.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet();
});
afterAll(() => fleet?.close());

/** Of a namespace of the jail's own. Where there is none, the host's are in reach, and refused: tests/deny/ipc.test.ts. */
const ownObjects: [rule: string, ...probes: string[]][] = [
  ['System V messages can be made and found', 'msg-make 5', 'msg-find 5'],
  ['semaphores can be made and found', 'sem-make 5', 'sem-find 5'],
  ['shared memory can be made and found', 'shm-make 5', 'shm-find 5', 'posix-shm-make /a', 'posix-shm-find /a'],
];

test.for<[rule: string, ...probes: string[]]>([
  ['memory can be shared with a child', 'share-memory-with-child'],
  ...(hasOwnRoot ? ownObjects : []),
])('$0', async ([, ...words]) => {
  const answers = await fleet.probes(words);
  expect(answers.map(({ answer }) => answer)).toEqual(words.map(() => 'through'));
});
