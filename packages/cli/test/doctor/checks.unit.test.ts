import { describe, expect, it } from 'vitest';
import { findMissingCapabilities } from '../../src/doctor/facts/read-host-facts.ts';
import type { HostFacts } from '../../src/doctor/facts/host-facts.ts';
import { runChecks } from '../../src/doctor/run-checks.ts';
import { describeWrongHosts, find } from './says.ts';
import { soundFacts, withFacts, withProfile } from './sound-facts.ts';

describe('on a sound host', () => {
  it('every check is fine, and says so in one sentence', () => {
    for (const { name, state, sentence } of runChecks(soundFacts)) {
      expect([name, state]).toEqual([name, 'ok']);
      expect(sentence).toMatch(/^[A-Z/].*\.$/);
    }
  });

  it('every check has a name of its own', () => {
    const names = runChecks(soundFacts).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

const userWithoutNamespaces = { uid: 1000, canMakeUserNamespaces: false };
const complaining = { state: 'not-enforced', mode: 'complain', isGenuine: null } as const;

describeWrongHosts([
  ['an old kernel', 'kernel', 'fault', withFacts({ kernel: '5.10.0-21' }), /is Linux 5\.10\.0-21: boot 5\.13 or newer/],
  [
    'settings out of bounds',
    'configuration',
    'fault',
    withFacts({ configurationProblem: 'BULLPEN_SLOTS is 0: no.' }),
    /^BULLPEN_SLOTS is 0: no\.$/,
  ],
  [
    'a kernel without Landlock and without AppArmor',
    'landlock',
    'fault',
    withFacts({ landlockAbi: 0, apparmor: { enabled: false, profiles: null } }),
    /has no Landlock, and nothing .*: boot Linux 5\.13/,
  ],
  [
    'a kernel without Landlock whose AppArmor is in complain mode',
    'landlock',
    'fault',
    { ...withProfile(complaining), landlockAbi: 0 },
    /has no Landlock, and nothing/,
  ],
  [
    'a kernel without Landlock whose AppArmor stands in',
    'landlock',
    'note',
    withFacts({ landlockAbi: 0 }),
    /AppArmor stands in for it/,
  ],
  [
    'a kernel without Landlock, under a floor that asks for it',
    'landlock',
    'fault',
    withFacts({ landlockAbi: 0, floor: [['landlock']] }),
    /has no Landlock, and nothing/,
  ],
  [
    'a Landlock too old for restricted, on a host with better rungs',
    'landlock-for-restricted',
    'note',
    withFacts({ landlockAbi: 4 }),
    /ABI 6 \(Linux 6\.12\).* this kernel has ABI 4\.$/,
  ],
  [
    'a Landlock too old for restricted, where nothing else is left',
    'landlock-for-restricted',
    'fault',
    withFacts({ landlockAbi: 5, user: userWithoutNamespaces, jail: { mode: null, refusal: 'No.' } }),
    /this kernel has ABI 5\.$/,
  ],
  [
    'no Landlock, where nothing else is left',
    'landlock-for-restricted',
    'fault',
    withFacts({ landlockAbi: 0, user: userWithoutNamespaces }),
    /this kernel has none\.$/,
  ],
  [
    'no way to make jails',
    'jail',
    'fault',
    withFacts({ jail: { mode: null, refusal: 'A worker that is root needs CAP_KILL.' } }),
    /^A worker that is root needs CAP_KILL\.$/,
  ],
  [
    'root that lacks capabilities',
    'capabilities',
    'fault',
    withFacts({ user: { missingCapabilities: ['CAP_KILL', 'CAP_SETPCAP'] } }),
    /need CAP_KILL, CAP_SETPCAP beside CAP_SYS_ADMIN: add them/,
  ],
  [
    'a restricted worker with several slots',
    'slots',
    'fault',
    withFacts({ jail: { mode: 'restricted' }, slots: 4 }),
    /would have 4: set BULLPEN_SLOTS=1/,
  ],
  [
    'a rung below the floor',
    'floor',
    'fault',
    withFacts({ jail: { mode: 'restricted' } }),
    /asks for namespaces or classic, and this host gives restricted: .*BULLPEN_FLOOR=identity,rlimits,seccomp,landlock\|apparmor,restricted and BULLPEN_ENABLED=true/,
  ],
  [
    'another floor that nobody has enabled',
    'floor',
    'fault',
    withFacts({ isEnabled: false }),
    /set BULLPEN_ENABLED=true/,
  ],
  [
    'a cgroup of version 1 that cannot be written',
    'cgroup',
    'note',
    withFacts({ cgroups: { version: 1, isUsable: false, obstacle: '/sys/fs/cgroup/memory cannot be written' } }),
    /since \/sys\/fs\/cgroup\/memory cannot be written: start the worker as root/,
  ],
  [
    'a cgroup of version 2 that is not delegated',
    'cgroup',
    'note',
    withFacts({ cgroups: { isUsable: false, obstacle: '/x cannot be written' } }),
    /since \/x cannot be written: .*Delegate=yes/,
  ],
  [
    'no cgroup at all, under a floor that asks for one',
    'cgroup',
    'fault',
    withFacts({ floor: [['cgroup']], cgroups: { version: null, isUsable: false, obstacle: 'none is mounted' } }),
    /since none is mounted/,
  ],
  [
    'swap without accounting, version 1',
    'swap',
    'fault',
    withFacts({ swaps: ['/dev/sda2'], cgroups: { version: 1, countsSwap: false } }),
    /\(\/dev\/sda2\).*no memory\.memsw\.limit_in_bytes.*swapoff -a.*swapaccount=1/,
  ],
  [
    'swap without accounting, version 2',
    'swap',
    'fault',
    withFacts({ swaps: ['/dev/sda2'], cgroups: { countsSwap: false } }),
    /no memory\.swap\.max/,
  ],
  [
    'swap where no cgroup limits memory',
    'swap',
    'note',
    withFacts({ swaps: ['/swapfile'], cgroups: { isUsable: false, obstacle: 'no', countsSwap: null } }),
    /without a memory cgroup nothing keeps jobs from filling it/,
  ],
  [
    'a lock directory of somebody else',
    'uid-locks',
    'fault',
    withFacts({ locks: { found: { kind: 'directory', uid: 1000, mode: 0o700 } } }),
    /belongs to user 1000 instead of the jailer's user 0: remove it/,
  ],
  [
    'a lock directory that others may write',
    'uid-locks',
    'fault',
    withFacts({ locks: { found: { kind: 'directory', uid: 0, mode: 0o1777 } } }),
    /may be written by others \(mode 1777\)/,
  ],
  [
    'something else in place of the lock directory',
    'uid-locks',
    'fault',
    withFacts({ locks: { found: { kind: 'other', uid: 0, mode: 0o777 } } }),
    /is no directory/,
  ],
  [
    'a lock that a killed jailer left',
    'uid-lock-left',
    'note',
    withFacts({ locks: { locks: [{ uid: 70_005, isHeld: false }] } }),
    /left locks of the UIDs 70005 in \/run\/bullpen-uids/,
  ],
  [
    'a UID that another worker has locked',
    'uid-locked',
    'fault',
    withFacts({ locks: { locks: [{ uid: 70_001, isHeld: true }] } }),
    /UIDs 70001 are locked by another worker/,
  ],
  [
    'a UID in use by a stranger’s process',
    'uid-in-use',
    'fault',
    withFacts({ uids: { occupants: [{ uid: 70_000, pid: 4711 }] } }),
    /\(pid 4711 has UID 70000\): end them, or choose another BULLPEN_SLOT_UID_BASE/,
  ],
  [
    'a lease of a worker that may be dead',
    'uid-lease',
    'note',
    withFacts({ uids: { leases: [{ uid: 70_000, worker: 'w-1', runsOutInMs: 12_345 }] } }),
    /leased to worker w-1: if that one has died, the lease runs out in 13 s/,
  ],
  [
    'a leaked lease that never runs out',
    'uid-lease',
    'fault',
    withFacts({
      uids: {
        leases: [
          { uid: 70_001, worker: 'w-1', runsOutInMs: 9 },
          { uid: 70_000, worker: 'w-2', runsOutInMs: null },
        ],
      },
    }),
    /^UID 70000 is leased to worker w-2 for ever/,
  ],
]);

describe('what is fine', () => {
  it.each<[what: string, name: string, facts: HostFacts]>([
    ['AppArmor that nobody asks for', 'apparmor-missing', withProfile({ state: 'missing' }, { setting: 'off' })],
    [
      'no AppArmor that nobody asks for',
      'apparmor-kernel',
      withFacts({ apparmor: { enabled: false, setting: 'off', profiles: null } }),
    ],
    [
      'no parser where nothing is to be loaded',
      'apparmor-parser',
      withFacts({ apparmor: { enabled: false, parser: null, profiles: null } }),
    ],
    ['generated files that were not delivered', 'apparmor-files', withFacts({ apparmor: { files: null } })],
    ['swap that counts', 'swap', withFacts({ swaps: ['/dev/sda2'] })],
    ['a lock directory that the jailer will make', 'uid-locks', withFacts({ locks: { found: null } })],
    [
      'a lock directory that others may read',
      'uid-locks',
      withFacts({ locks: { found: { kind: 'directory', uid: 0, mode: 0o755 } } }),
    ],
    [
      'any lock directory where there are no locks',
      'uid-locks',
      withFacts({ jail: { mode: 'userns' }, locks: { found: { kind: 'other', uid: 5, mode: 0 } } }),
    ],
    [
      'capabilities that classic jails do not need',
      'capabilities',
      withFacts({ jail: { mode: 'classic' }, user: { missingCapabilities: ['CAP_SYS_ADMIN'] } }),
    ],
    ['a restricted worker with one slot', 'slots', withFacts({ jail: { mode: 'restricted' }, slots: 1 })],
    ['classic jails under the default floor', 'floor', withFacts({ jail: { mode: 'classic' } })],
    ['UIDs that were not looked for in Redis', 'uid-lease', withFacts({ uids: { leases: null } })],
    ['UIDs that the worker chooses', 'uid-lease', withFacts({ uids: { pinned: [], leases: null } })],
  ])('%s', (_what, name, facts) => {
    expect(find(facts, name)?.state).toBe('ok');
  });
});

it('capabilities are told by their bits', () => {
  expect(findMissingCapabilities(0x1ff_ffff_ffffn)).toEqual([]);
  expect(findMissingCapabilities(0x20_01e1n)).toEqual([]);
  expect(findMissingCapabilities(0x20_00e1n)).toEqual(['CAP_SETPCAP']);
  expect(findMissingCapabilities(0n)).toHaveLength(6);
});
