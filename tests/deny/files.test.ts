import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { hasOwnRoot, rung } from '../support/rung.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet();
});
afterAll(() => fleet?.close());

const refused = /^(EACCES|EPERM|ENOENT|EROFS|EXDEV)$/;

type Rule = [rule: string, probe: string, twin: string];

/** The program's own entry of /proc has them, and where they are not of its own namespaces they are the host's. */
const tablesOfTheHost: Rule[] = [
  ['the host’s mounts cannot be read', 'read /proc/self/mountinfo', 'the program’s own entry of /proc can be read'],
  [
    'the host’s network tables cannot be read',
    'read /proc/self/net/unix',
    'the program’s own entry of /proc can be read',
  ],
];

/** Rule, probe, and the rule of tests/allow/files.test.ts that the same probe passes. */
test.for<Rule>([
  ['the host’s accounts cannot be read', 'read /etc/passwd', 'a file of the profile’s view can be read'],
  ['the host’s passwords cannot be read', 'read /etc/shadow', 'a file of the profile’s view can be read'],
  ['the host’s configuration cannot be read', 'read /etc/hostname', 'a file of the profile’s view can be read'],
  ['root’s home cannot be read', 'list /root', 'a directory of the profile’s view can be listed'],
  ['other homes cannot be read', 'list /home', 'a directory of the profile’s view can be listed'],
  ['the host’s logs cannot be read', 'list /var', 'a directory of the profile’s view can be listed'],
  ['the worker’s run directory cannot be read', 'list /run', 'a directory of the profile’s view can be listed'],
  ['the kernel’s objects cannot be read', 'list /sys', 'a directory of the profile’s view can be listed'],
  ['the root of the jail cannot be listed', 'list /', 'a directory of the profile’s view can be listed'],
  ['memory devices do not exist', 'read /dev/mem', 'a harmless device can be read'],
  ['the kernel’s log does not exist', 'read /dev/kmsg', 'a harmless device can be read'],
  ['dots do not lead out of the jail', 'read ../../../../etc/shadow', 'dots lead from one own directory to another'],
  ['init’s root is no way out', 'read /proc/1/root/etc/passwd', 'the program’s own entry of /proc can be read'],
  ['init’s directory is no way out', 'list /proc/1/cwd', 'the program’s own entry of /proc can be read'],
  ['init’s environment cannot be read', 'read /proc/1/environ', 'the program’s own entry of /proc can be read'],
  [
    'the kernel’s settings cannot be read',
    'read /proc/sys/kernel/hostname',
    'the program’s own entry of /proc can be read',
  ],
  ['the kernel’s memory cannot be read', 'read /proc/kcore', 'the program’s own entry of /proc can be read'],
  [
    'the kernel’s settings cannot be written',
    'write /proc/sys/kernel/core_pattern',
    'the work directory can be written',
  ],
  ['the root cannot be written', 'write /x', 'the work directory can be written'],
  ['no directory can be made in the root', 'mkdir /x', 'a directory can be made in the work directory'],
  ['/usr cannot be written', 'write /usr/x', 'the work directory can be written'],
  ['programs cannot be added', 'write /usr/bin/x', 'the work directory can be written'],
  ['programs cannot be changed', 'write /usr/bin/env', 'the work directory can be written'],
  ['programs cannot be emptied', 'truncate /usr/bin/env', 'an own file can be emptied'],
  ['programs cannot be removed', 'unlink /usr/bin/env', 'an own file can be removed'],
  ['libraries cannot be added', 'write /usr/lib/x', 'the work directory can be written'],
  ['/dev cannot be written', 'write /dev/x', '/dev/null can be written'],
  ['a program cannot be renamed into the work directory', 'rename /usr/bin/env env', 'an own file can be renamed'],
  ['a program cannot be linked into the work directory', 'hardlink /usr/bin/su su', 'an own file can be linked'],
  [
    'a symbolic link leads no further than its target',
    'read-through-symlink /etc/shadow',
    'a symbolic link to an own file can be read',
  ],
  ['no device can be made', 'mknod-block device', 'the work directory can be written'],
  ['an own file cannot be given to root', 'chown-root probe', 'an own file can be emptied'],
  ['the list of the host’s mounts cannot be read', 'read /proc/mounts', 'the program’s own entry of /proc can be read'],
  ...(hasOwnRoot ? [] : tablesOfTheHost),
])('$0 (twin: $2)', async ([, words]) => {
  const { answer } = await fleet.probe(words);
  // EINVAL: in a user namespace of one user there is nobody else to give a file to.
  expect(answer).toMatch(rung === 'userns' ? /^(EACCES|EPERM|ENOENT|EROFS|EXDEV|EINVAL)$/ : refused);
});
