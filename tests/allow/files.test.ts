import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { hasOwnRoot } from '../support/rung.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet();
});
afterAll(() => fleet?.close());

const ownPlaces: [rule: string, ...probes: string[]][] = [
  ['/tmp can be written', 'write /tmp/a', 'read /tmp/a'],
  ['/dev/shm can be written', 'write /dev/shm/a', 'read /dev/shm/a'],
];

test.for<[rule: string, ...probes: string[]]>([
  ['a file of the profile’s view can be read', 'read /usr/bin/env'],
  ['a directory of the profile’s view can be listed', 'list /usr/bin'],
  ['a harmless device can be read', 'read /dev/urandom', 'read /dev/zero', 'read /dev/null'],
  ['dots lead from one own directory to another', 'write $TMPDIR/a', 'read ../tmp/a'],
  [
    'the program’s own entry of /proc can be read',
    'read /proc/self/status',
    'read /proc/self/environ',
    'list /proc/self/fd',
  ],
  ['the work directory can be written', 'write a', 'read a', 'write $HOME/b'],
  ['the directory for temporary files can be written', 'write $TMPDIR/a', 'read $TMPDIR/a'],
  // Without mounts they are the host's, and closed: tests/deny/shared-places.test.ts.
  ...(hasOwnRoot ? ownPlaces : []),
  ['/dev/null can be written', 'write /dev/null'],
  ['a directory can be made in the work directory', 'mkdir d', 'write d/a', 'list d'],
  ['an own file’s mode can be changed', 'write a', 'chmod a 600'],
  ['an own file’s times can be changed', 'write a', 'touch a'],
  ['an own file can be emptied', 'write a', 'truncate a'],
  ['an own file can be removed', 'write a', 'unlink a'],
  ['an own file can be renamed', 'write a', 'rename a b', 'read b'],
  ['an own file can be linked', 'write a', 'hardlink a b', 'read b'],
  ['a symbolic link to an own file can be read', 'write a', 'read-through-symlink a'],
  ['a program that was written can be run', 'execute-written $HOME/copy', 'execute-written $TMPDIR/copy'],
])('$0', async ([, ...words]) => {
  const answers = await fleet.probes(words);
  expect(answers.map(({ answer }) => answer)).toEqual(words.map(() => 'through'));
});
