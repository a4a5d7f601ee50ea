import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { onThisRung } from '../support/rung.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet();
});
afterAll(() => fleet?.close());

test('POSIX message queues are refused (twin: System V messages can be made and found)', async () => {
  const answers = await fleet.probes(['mq-make /queue', 'mq-find /queue']);
  expect(answers.map(({ answer }) => answer)).toEqual(['EACCES', 'EACCES']);
});

test('no key of a keyring can be made or found (twin: shared memory can be made and found)', async () => {
  const answers = await fleet.probes(['add-key', 'keyctl', 'read /proc/keys', 'read /proc/key-users']);
  expect(answers.map(({ answer }) => answer)).toEqual(
    onThisRung({
      namespaces: ['EPERM', 'EPERM', 'ENOENT', 'ENOENT'],
      classic: ['EPERM', 'EPERM', 'EACCES', 'EACCES'],
    }),
  );
});
