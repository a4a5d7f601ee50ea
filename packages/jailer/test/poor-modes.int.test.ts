import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../../tests/support/eventually.ts';
import { familyOf, nameOf } from '../../../tests/support/host-count.ts';
import { type PoorMode, expectUsable, startForTest as start } from './support/poor-jailer.ts';
import { openJail, request, shell, slotOf, text } from './support/start.ts';
import { firstUid } from './support/table.ts';

const named = (name: string): number[] => familyOf(process.pid).filter((pid) => nameOf(pid) === name);

function killOne(name: string): void {
  const [pid] = named(name);
  if (pid === undefined) throw new Error(`No process ${name} was found below this one.`);
  process.kill(pid, 'SIGKILL');
}

/** Every process of the slot's user on the host, whoever its parent is now. */
const programsOf = (uid: number): string[] =>
  readdirSync('/proc').filter((entry) => {
    try {
      return (
        /^\d+$/.test(entry) && statSync(`/proc/${entry}`).uid === uid && !nameOf(Number(entry)).startsWith('bullpen-')
      );
    } catch {
      return false; // it has ended meanwhile
    }
  });

describe.each<PoorMode>(['classic', 'restricted'])('mode %s', (mode) => {
  test('runs commands one after another in directories of the job, and lists what it measured', async () => {
    const jailer = await start(mode);
    const files = [{ path: 'in/a.txt', mode: 0o640, content: Buffer.from('alpha\n') }];
    const jail = await openJail(jailer, { files, directories: ['empty'] });
    expect(jail.layers.map(({ name }) => name)).toEqual(['identity', 'rlimits', mode, 'landlock', 'seccomp']);
    const env = ['PATH=/usr/bin', 'HOME=/work', 'TMPDIR=/tmp'];
    const first = await jail.run(shell('id -u; pwd; echo $HOME $TMPDIR; cat in/a.txt >$TMPDIR/b; ls', { env }));
    const box = join(jailer.boxes, `bullpen-box-${firstUid}`);
    expect(text(first)).toBe(`${firstUid}\n${box}/work\n${box}/work ${box}/tmp\nempty\nin\n`);
    const second = await jail.run(shell('cat $TMPDIR/b >empty/out; exit 3', { env }));
    expect(second).toMatchObject({ endedBy: 'itself', exitCode: 3, diskFiles: 5, diskFull: false });
    expect(await jail.collect('empty/out', 100)).toMatchObject({ state: 'collected', mode: 0o644 });
    await jail.close();
    await expectUsable(jailer);
  });

  test('runs where a container’s filter hides clone3', async () => {
    const jailer = await start(mode, { hidesClone3: true });
    await expectUsable(jailer);
  });

  test('what a command leaves running ends with it: a daemon, a fork bomb, one that keeps killing', async () => {
    const jailer = await start(mode);
    for (const script of [
      'setsid sleep 300 >/dev/null 2>&1 & disown',
      'bomb() { bomb | bomb & }; bomb; sleep 0.1',
      'while :; do kill -9 -1; done & while :; do kill -9 -1; done & sleep 0.05',
    ]) {
      const jail = await openJail(jailer);
      const report = await jail.run(shell(script, { limits: { wallTimeMs: 5000 } }));
      expect(report.endedBy).toBe('itself');
      await eventually(
        'no program is left',
        () => programsOf(firstUid).filter((pid) => nameOf(Number(pid)) !== 'node').length === 0,
      );
      await jail.close();
    }
    await expectUsable(jailer);
  });

  test('the host’s networks, mounts and attributes cannot be asked for or changed (twin: its own part of /proc is readable)', async () => {
    const jailer = await start(mode);
    const jail = await openJail(jailer);
    const script = `
import errno, fcntl, os, socket
def attempt(name, act):
  try: act(); print(name, "through")
  except OSError as e: print(name, errno.errorcode[e.errno].replace("EOPNOTSUPP", "ENOTSUP"))
a, b = socket.socketpair()
attempt("interfaces", lambda: fcntl.ioctl(a, 0x8912, bytes(40)))
attempt("bind", lambda: a.bind("\\0name"))
attempt("attribute", lambda: os.setxattr(".", "user.x", b"1"))
attempt("connections", lambda: open("/proc/self/net/tcp").read())
attempt("mounts", lambda: open("/proc/self/mountinfo").read())
attempt("maps", lambda: open("/proc/self/maps").read())
attempt("terminal", lambda: fcntl.ioctl(a, 0x541B, bytes(4)))
`;
    const report = await jail.run({ ...shell(''), argv: ['python3', '-c', script] });
    expect(text(report)).toBe(
      'interfaces EACCES\nbind EACCES\nattribute ENOTSUP\nconnections EACCES\nmounts EACCES\nmaps through\nterminal through\n',
    );
  });

  test('memory that no cgroup counts is counted by the keeper, shared memory too', async () => {
    const jailer = await start(mode);
    const jail = await openJail(jailer);
    const limits = { memoryBytes: 100_000_000, processes: 16 };
    const greedy = `use strict; my @p = map { fork // die } 1 .. 3; my $x = "x" x (2e7 + @p); sleep 5`;
    expect(await jail.run(shell(`perl -e '${greedy}'`, { limits }))).toMatchObject({
      endedBy: 'itself',
      signal: 9,
      oomKills: 1,
    });
    // What processes share counts once: eight of them with the same 60 MB are below the limit.
    const thrifty = `my $x = "x" x (6e7 + @ARGV); for (1 .. 7) { if (!fork) { sleep 1; exit } } 1 while wait > 0; print "ok"`;
    expect(text(await jail.run(shell(`perl -e '${thrifty}'`, { limits })))).toBe('ok');
  });

  test('descriptors that a job left on their way to nobody do not make a fault of its next command', async () => {
    const jailer = await start(mode);
    const jail = await openJail(jailer);
    const leave =
      'import socket\nfor i in range(60):\n a, b = socket.socketpair()\n' +
      ' [socket.send_fds(a, [b"x"], [a.fileno(), b.fileno()] * 60) for _ in range(2)]\n a.close(); b.close()';
    await jail.run({ ...shell(''), argv: ['python3', '-c', leave] });
    expect(text(await jail.run(shell('echo on')))).toBe('on\n');
  });

  test('a keeper that is killed takes the jail along, and the slot is usable again', async () => {
    const jailer = await start(mode);
    const jail = await openJail(jailer);
    const running = jail.run(shell('touch left; setsid sleep 333 & sleep 333'));
    await eventually('the programs run', () => programsOf(firstUid).some((pid) => nameOf(Number(pid)) === 'sleep'));
    killOne('bullpen-keeper');
    await expect(running).rejects.toMatchObject({ step: 'keeper' });
    await jail.close();
    await expectUsable(jailer);
  });

  test('an init that is killed leaves nobody: it is a fault of the job, and the slot is usable again', async () => {
    const jailer = await start(mode);
    const jail = await openJail(jailer);
    const running = jail.run(shell('setsid sleep 444 & setsid sleep 444 & sleep 444'));
    await eventually('the programs run', () => named('sleep').length === 3);
    killOne('bullpen-init');
    await expect(running).rejects.toMatchObject({ step: 'init' });
    await jail.close();
    expect(named('sleep')).toEqual([]);
    await expectUsable(jailer);
  });

  test('a master that is killed leaves no process and no lock on the next jailer', async () => {
    const jailer = await start(mode);
    const jail = await openJail(jailer);
    const running = jail.run(shell('setsid sleep 555 & sleep 555'));
    running.catch(() => {});
    await eventually('the programs run', () => named('sleep').length === 2);
    killOne('bullpen-master');
    const left = (): string[] => programsOf(firstUid).filter((pid) => nameOf(Number(pid)) === 'sleep');
    await eventually('no program is left', () => left().length === 0);
    await eventually('init has ended', () => named('bullpen-init').length === 0);
  });

  test('nothing of it is left when it ends', async () => {
    const jailer = await start(mode);
    await expectUsable(jailer);
    await jailer.close();
    expect(readdirSync(jailer.boxes)).toEqual([]);
    expect(existsSync(jailer.files.runDir) ? readdirSync(jailer.files.runDir) : []).toEqual([]);
  });
});

test('slots of mode classic kill their own programs and never one another’s init', async () => {
  const jailer = await start('classic', { slots: 2 });
  const cycle = async (slot: number): Promise<void> => {
    for (let round = 0; round < 150; round += 1) {
      const jail = await slotOf(jailer, slot).open(request());
      expect(await jail.run(shell('true'))).toMatchObject({ endedBy: 'itself', exitCode: 0 });
      await jail.close();
    }
  };
  await Promise.all([cycle(0), cycle(1)]);
  expect(jailer.diagnostics).toEqual([]);
});

test('a restricted program has no more descriptors than leave the worker its epoll watches', async () => {
  const jailer = await start('restricted');
  const jail = await openJail(jailer);
  const count = async (processes: number): Promise<number> =>
    Number(text(await jail.run(shell('ulimit -n', { limits: { processes, openFiles: 256 } }))));
  const watches = Number(readFileSync('/proc/sys/fs/epoll/max_user_watches', 'utf8'));
  const most = await count(60);
  expect(60 * (most / 2) ** 2).toBeLessThanOrEqual(watches / 2);
  expect(await count(1)).toBeGreaterThanOrEqual(most);
});
