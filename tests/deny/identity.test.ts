import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { onThisRung } from '../support/rung.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet();
});
afterAll(() => fleet?.close());

const twin = 'a program keeps its own identity';

test.for<[rule: string, probe: string, answer: string]>([
  // In a user namespace of one user there is no root.
  ['a program cannot become root', 'setuid-root', onThisRung({ namespaces: 'EPERM', userns: 'EINVAL' })],
  ['a program cannot join root’s group', 'setgid-root', onThisRung({ namespaces: 'EPERM', userns: 'EINVAL' })],
  ['a program cannot take groups', 'setgroups-root', 'EPERM'],
  ['a program cannot become another user', 'setuid 1000', onThisRung({ namespaces: 'EPERM', userns: 'EINVAL' })],
  ['a program cannot regain capabilities', 'capset', 'EPERM'],
  ['a program holds no capability', 'capabilities', 'EPERM'],
  // Emptying it takes CAP_SETPCAP, which a classic worker lacks; no_new_privs keeps what is in it out of reach.
  [
    'a program’s bounding set is empty',
    'bounding-set',
    onThisRung({ namespaces: 'EPERM', classic: 'through', restricted: 'EPERM' }),
  ],
  ['a program can gain no privileges', 'new-privileges', 'EPERM'],
  ['a program cannot raise its limits', 'raise-limit', 'EPERM'],
  ['a program inherits the descriptors 0, 1 and 2 only', 'inherited-descriptors', 'EBADF'],
])(`$0 (twin: ${twin})`, async ([, words, expected]) => {
  const { answer, lines } = await fleet.probe(words);
  expect([answer, lines]).toEqual([expected, []]);
});

test(`setuid programs gain nothing (twin: ${twin})`, async () => {
  const { stdout } = await fleet.shell(
    'for p in su mount passwd umount newgrp chsh; do [ -u /usr/bin/$p ] && echo "setuid seen: $p" >&2; done; ' +
      'su -c "id -u" </dev/null; cp /usr/bin/id ./id && chmod 6755 ./id; ./id -u; mount -t tmpfs none /tmp && echo mounted',
  );
  expect(stdout.data.trim()).toMatch(/^\d{4,}$/);
});

test.for([
  ['an own file', 'chmod-setuid own'],
  ['a new one', 'make-setuid new'],
])(`%s cannot be made a setuid program, where no mount makes that harmless (twin: ${twin})`, async ([, words = '']) => {
  const [, made] = await fleet.probes(['write own', words]);
  expect(made?.answer).toBe(onThisRung({ namespaces: 'through', classic: 'EPERM' }));
});

test('nothing of the worker’s environment is passed on (twin: a command’s additions reach the program)', async () => {
  const { lines } = await fleet.probe('environment');
  expect(lines.map((line) => line.split('=')[0]).sort()).toEqual(['HOME', 'LANG', 'PATH', 'TMPDIR', 'TZ']);
});

test(`the host’s users have no names here (twin: ${twin})`, async () => {
  expect((await fleet.shell('getent passwd root; whoami')).stdout.data).toBe('');
});
