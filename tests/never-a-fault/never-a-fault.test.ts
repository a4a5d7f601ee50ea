import type { CommandReport } from '@bullpen/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { hasCgroups, onThisRung } from '../support/rung.ts';

/** What a job does to itself has an outcome, and what it leaves behind never meets another: each of these once was a fault, or somebody else's loss. */
let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet({ BULLPEN_SLOTS: '1' });
});
afterAll(() => fleet.close());

const mebibyte = 2 ** 20;
const kinds = (commands: readonly CommandReport[]): string[] => commands.map(({ outcome }) => outcome.kind);
const bash = (script: string, limits: object = {}) => ({
  argv: ['bash', '-c', script],
  limits,
  stopOnFailure: false as const,
});

const fillMemory = 'head -c 40M /dev/zero > $TMPDIR/a; head -c 40M /dev/zero > $TMPDIR/b; true';

/** Files are memory only where a cgroup counts them. */
const filled = hasCgroups ? 'memory-exceeded' : 'exited';

describe('memory that a command leaves to the next', () => {
  test('files that fill all memory end every later command as memory-exceeded, not as a fault', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { commands } = await fleet.run({
        profile: 'bash',
        limits: { memoryBytes: 16 * mebibyte, diskBytes: 256 * mebibyte },
        commands: [bash(fillMemory), bash('true'), bash('true')],
      });
      expect(kinds(commands)[0]).toBe(filled);
      for (const kind of kinds(commands)) expect([filled, 'exited']).toContain(kind);
    }
  });

  test('a limit below what the job already keeps is memory-exceeded', async () => {
    const { commands } = await fleet.run({
      profile: 'bash',
      limits: { memoryBytes: 256 * mebibyte, diskBytes: 128 * mebibyte },
      commands: [bash('head -c 64M /dev/zero > $TMPDIR/a'), bash('true', { memoryBytes: 16 * mebibyte })],
    });
    expect(kinds(commands)).toEqual(['exited', filled]);
  });

  test('a limit above it lets the next command run', async () => {
    const { commands } = await fleet.run({
      profile: 'bash',
      limits: { memoryBytes: 256 * mebibyte, diskBytes: 128 * mebibyte },
      commands: [bash('head -c 64M /dev/zero > $TMPDIR/a'), bash('true', { memoryBytes: 128 * mebibyte })],
    });
    expect(kinds(commands)).toEqual(['exited', 'exited']);
  });
});

describe('what a job hides in sockets', () => {
  const hide = `
import socket, os
for i in range(12):
    a, b = socket.socketpair()
    f = os.open(os.environ['TMPDIR'] + '/f%d' % i, os.O_CREAT | os.O_RDWR)
    os.write(f, b'x' * 4000000)
    os.unlink(os.environ['TMPDIR'] + '/f%d' % i)
    for s in (a, b):
        socket.send_fds(s, [b'x'], [a.fileno(), b.fileno(), f])
`;

  test('is never charged to the job after it', async () => {
    for (let round = 0; round < 6; round += 1) {
      await fleet.run({
        profile: 'python',
        limits: { memoryBytes: 128 * mebibyte, diskBytes: 128 * mebibyte },
        commands: [{ argv: ['python3', '-c', hide] }],
      });
      const innocent = await fleet.shell('echo fine', { limits: { memoryBytes: 16 * mebibyte } });
      expect(innocent.outcome).toEqual({ kind: 'exited', exitCode: 0 });
    }
  });
});

describe('a program and its own streams', () => {
  test('may open /dev/stdout and /dev/stderr', async () => {
    const report = await fleet.shell('echo out > /dev/stdout; echo err > /dev/stderr');
    expect([report.stdout.data, report.stderr.data, report.outcome.kind]).toEqual(['out\n', 'err\n', 'exited']);
  });

  test('finds an empty stdin when none was given, and not a device of the host', async () => {
    const report = await fleet.shell('read -r line; echo "$? ${line:-nothing}"; [ -f /proc/self/fd/0 ] && echo a file');
    expect(report.stdout.data).toBe('1 nothing\na file\n');
  });
});

describe('files that are handed out', () => {
  test('never carry setuid or setgid bits', async () => {
    const { files } = await fleet.run({
      profile: 'bash',
      commands: [bash('echo x > b; chmod 6755 b')],
      collect: ['b'],
    });
    // Where no mount makes them harmless they are refused from the start.
    expect(files[0]).toMatchObject({ state: 'collected', mode: onThisRung({ namespaces: 0o755, classic: 0o644 }) });
  });
});

describe('shared files', () => {
  test('cannot be watched: a jail does not learn what others run', async () => {
    const script = `
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
print(libc.inotify_init1(0), ctypes.get_errno())
`;
    const { commands } = await fleet.run({ profile: 'python', commands: [{ argv: ['python3', '-c', script] }] });
    expect(commands[0]?.stdout.data).toBe('-1 38\n');
  });
});

describe('memory files', () => {
  const script = `
import os
try:
    fd = os.memfd_create('program', 0)
    print('made')
except OSError as error:
    print(error.errno)
`;

  test('cannot be made, and so not be executed, by a profile that may not execute what it wrote', async () => {
    const { commands } = await fleet.run({
      profile: 'pure-python',
      files: [{ path: 'main.py', content: script }],
      commands: [{ argv: ['python3', 'main.py'] }],
    });
    expect(commands[0]?.stdout.data).toMatch(onThisRung({ namespaces: /^13\n$/, classic: /^(13|38)\n$/ }));
  });

  test('can be made by one that may, where they are counted as memory', async () => {
    const { commands } = await fleet.run({ profile: 'c', commands: [{ argv: ['python3', '-c', script] }] });
    expect(commands[0]?.stdout.data).toBe(onThisRung({ namespaces: 'made\n', classic: '38\n' }));
  });
});
