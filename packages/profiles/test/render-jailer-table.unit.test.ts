import { describe, expect, test } from 'vitest';
import { type JailerTable, renderJailerTable } from '../src/render-jailer-table.ts';
import type { ResolvedProfile } from '../src/resolve-profile.ts';
import { makeProfile } from './example-profile.ts';

const resolved: ResolvedProfile = {
  available: true,
  profile: makeProfile(),
  view: [
    { access: 'read', source: '/usr/share', target: '/usr/share' },
    { access: 'execute', source: '/usr/bin', target: '/usr/bin' },
  ],
  links: [{ text: 'usr/bin', path: '/bin' }],
  program: '/usr/bin/example',
  toolchainVersion: '1',
  digest: '0',
};

const table: JailerTable = {
  runDir: '/run/bullpen-1234',
  mode: 'root',
  slots: [
    { uid: 1_912_345_678, gid: 1_912_345_678 },
    { uid: 1_912_345_679, gid: 1_912_345_680 },
  ],
  cgroups: { pids: '/sys/fs/cgroup/pids/x', cpu: '/sys/fs/cgroup/cpu/x', memory: '/sys/fs/cgroup/memory/x' },
  cpuMilli: 1500,
  profiles: [
    resolved,
    {
      ...resolved,
      view: [],
      links: [],
      profile: makeProfile({
        name: 'strict',
        workDirectory: '/sandbox',
        masked: ['/', '/etc/passwd', '/root/'],
        ceilings: { ...resolved.profile.ceilings, addressSpaceBytes: 33_554_432 },
        confinement: { write: false, executeWritten: false, unixSockets: false, fork: false, exec: false },
      }),
    },
  ],
};

const golden = `bullpen-table 1
run-dir /run/bullpen-1234
mode root
slot 0 1912345678 1912345678
slot 1 1912345679 1912345680
cgroup memory /sys/fs/cgroup/memory/x
cgroup pids /sys/fs/cgroup/pids/x
cgroup cpu /sys/fs/cgroup/cpu/x
cpu-milli 1500
profile 0 example
allow write
allow fork
allow exec
view read /usr/share /usr/share
view execute /usr/bin /usr/bin
link usr/bin /bin
ceiling wall-ms 60000
ceiling cpu-ms 2000
ceiling memory 268435456
ceiling address-space 0
ceiling processes 8
ceiling file-size 1048576
ceiling open-files 256
ceiling stack 8388608
ceiling output 65536
ceiling disk-bytes 2097152
ceiling disk-files 128
end
profile 1 strict
work /sandbox
mask listing /
mask file /etc/passwd
mask directory /root
ceiling wall-ms 60000
ceiling cpu-ms 2000
ceiling memory 268435456
ceiling address-space 33554432
ceiling processes 8
ceiling file-size 1048576
ceiling open-files 256
ceiling stack 8388608
ceiling output 65536
ceiling disk-bytes 2097152
ceiling disk-files 128
end
`;

test('renders the table that docs/jailer.md describes', () => {
  expect(renderJailerTable(table)).toBe(golden);
});

test('names every confinement that a profile allows', () => {
  const profile = makeProfile({ confinement: { write: true, executeWritten: true, unixSockets: true, fork: true } });
  const text = renderJailerTable({ ...table, profiles: [{ ...resolved, profile }] });
  expect(text.match(/^allow .*$/gm)).toEqual([
    'allow write',
    'allow execute-written',
    'allow unix-sockets',
    'allow fork',
    'allow exec',
  ]);
});

test('says the mode of an unprivileged jailer', () => {
  expect(renderJailerTable({ ...table, mode: 'userns' })).toContain('\nmode userns\n');
});

test.each(['classic', 'restricted'] as const)('says where the boxes of mode %s are', (mode) => {
  const lines = renderJailerTable({ ...table, mode, boxes: '/dev/shm' }).split('\n');
  expect(lines.slice(2, 4)).toEqual([`mode ${mode}`, 'boxes /dev/shm']);
});

test('says where the UIDs of slots are locked', () => {
  const lines = renderJailerTable({ ...table, uidLocks: '/run/bullpen-uids' }).split('\n');
  expect(lines[3]).toBe('uid-locks /run/bullpen-uids');
});

test('names the AppArmor profile of those profiles that have one', () => {
  const apparmor = new Map([
    ['strict', 'bullpen-strict-0123456789ab'],
    ['other', 'bullpen-other-0123456789ab'],
  ]);
  const text = renderJailerTable({ ...table, apparmor });
  expect(text).toBe(golden.replace('profile 1 strict\n', 'profile 1 strict\napparmor bullpen-strict-0123456789ab\n'));
});

describe('refuses what the table cannot say', () => {
  const sentence = /^the jailer's table cannot name a path with white space, got ".*": move or rename it$/;

  test.each([
    ['run-dir', { ...table, runDir: '/run/my jails' }],
    ['a line break', { ...table, runDir: '/run/x\nslot 2 0 0' }],
    ['cgroup', { ...table, cgroups: { memory: '/sys/a b' } }],
    [
      'view source',
      { ...table, profiles: [{ ...resolved, view: [{ access: 'read', source: '/a b', target: '/a' }] }] },
    ],
    [
      'view target',
      { ...table, profiles: [{ ...resolved, view: [{ access: 'read', source: '/a', target: '/a\tb' }] }] },
    ],
    ['link', { ...table, profiles: [{ ...resolved, links: [{ text: '', path: '/a' }] }] }],
  ] as [string, JailerTable][])('white space in a path: %s', (_what, bad) => {
    expect(() => renderJailerTable(bad)).toThrow(sentence);
  });

  test.each(['classic', 'restricted'] as const)('mode %s without a place for boxes', (mode) => {
    expect(() => renderJailerTable({ ...table, mode })).toThrow(
      `the jailer's mode ${mode} needs a place for boxes, got none`,
    );
  });

  test.each(['root', 'userns'] as const)('mode %s with a place for boxes', (mode) => {
    expect(() => renderJailerTable({ ...table, mode, boxes: '/run' })).toThrow(
      `the jailer's mode ${mode} needs no place for boxes, got /run`,
    );
  });

  test('no slot', () => {
    expect(() => renderJailerTable({ ...table, slots: [] })).toThrow('at least one slot');
  });

  test('no profile', () => {
    expect(() => renderJailerTable({ ...table, profiles: [] })).toThrow('at least one profile');
  });
});
