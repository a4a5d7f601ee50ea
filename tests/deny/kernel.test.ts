import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../support/fleet.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet();
});
afterAll(() => fleet?.close());

const twin = 'harmless calls of the same kind work';

test.for<[rule: string, probe: string, answer: string]>([
  ['nothing can be mounted', 'mount', 'EPERM'],
  ['nothing can be bound elsewhere', 'bind-mount', 'EPERM'],
  ['nothing can be mounted anew', 'remount', 'EPERM'],
  ['nothing can be unmounted', 'umount', 'EPERM'],
  ['the root cannot be changed by pivot_root', 'pivot-root', 'EPERM'],
  ['the root cannot be changed by chroot', 'chroot', 'EPERM'],
  ['no mount tree can be opened', 'open-tree', 'EPERM'],
  ['no filesystem can be opened', 'fsopen', 'EPERM'],
  ['no user namespace can be made by unshare', 'unshare-user', 'EPERM'],
  ['no user namespace can be made by clone', 'clone-user', 'EPERM'],
  ['no user namespace can be made by clone3', 'clone3-user', 'ENOSYS'],
  ['no mount namespace can be made', 'unshare-mount', 'EPERM'],
  ['no network namespace can be made', 'unshare-network', 'EPERM'],
  ['no namespace can be entered', 'setns', 'EPERM'],
  ['io_uring does not exist', 'io-uring', 'ENOSYS'],
  ['bpf is refused', 'bpf', 'EPERM'],
  ['performance events are refused', 'perf-event', 'EPERM'],
  ['userfaultfd is refused', 'userfaultfd', 'EPERM'],
  ['no key can be added', 'add-key', 'EPERM'],
  ['no keyring can be made', 'keyctl', 'EPERM'],
  ['the kernel’s log is refused', 'syslog', 'EPERM'],
  ['the machine cannot be restarted', 'reboot', 'EPERM'],
  ['the clock cannot be set', 'set-clock', 'EPERM'],
  ['the host’s name cannot be set', 'set-hostname', 'EPERM'],
  ['no input can be faked', 'tiocsti', 'EPERM'],
  ['another personality is refused', 'personality', 'EPERM'],
  ['file handles are refused', 'file-handle', 'EPERM'],
  ['calls that nobody has looked at do not exist', 'unknown-call', 'ENOSYS'],
  ['x32 calls do not exist', 'x32', 'ENOSYS'],
])(`$0 (twin: ${twin})`, async ([, words, expected]) => {
  expect((await fleet.probe(words)).answer).toBe(expected);
});

test.runIf(process.arch === 'x64')(
  `a call by the 32-bit gate, which only x86-64 has, ends the program (twin: ${twin})`,
  async () => {
    expect((await fleet.probe('int80')).report.outcome).toEqual({ kind: 'signaled', signal: 'SIGSYS' });
  },
);
