import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../support/fleet.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet();
});
afterAll(() => fleet?.close());

test.for<[rule: string, ...probes: string[]]>([
  [
    'the program itself can be signalled',
    'kill $SELF 0',
    'queue-signal $SELF 0',
    'signal-thread $SELF 0',
    'signal-by-descriptor $SELF 0',
  ],
  [
    'the program’s own entry of /proc can be read',
    'read /proc/self/stat',
    'read /proc/self/cmdline',
    'read /proc/self/environ',
    'read /proc/self/maps',
    'list /proc/self/fd',
    'readlink /proc/self/exe',
    'readlink /proc/self/cwd',
  ],
  // 0 is the program itself.
  [
    'the program’s own priority, cores, class and limits can be lowered',
    'slow-down 0',
    'bind-to-one-core 0',
    'make-idle 0',
    'limit 0',
  ],
  [
    'an own file can be reached by its full path',
    'write $HOME/secret',
    'stat $HOME/secret',
    'read $HOME/secret',
    'chmod $HOME/secret 600',
    'touch $HOME/secret',
    'chgrp $HOME/secret',
    'list $HOME',
  ],
])('$0', async ([, ...words]) => {
  const answers = await fleet.probes(words);
  expect(answers.map(({ answer }) => answer)).toEqual(words.map(() => 'through'));
});
