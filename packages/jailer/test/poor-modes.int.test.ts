import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../../tests/support/eventually.ts';
import { familyOf, nameOf } from '../../../tests/support/host-count.ts';
import { type PoorJailer, type PoorMode, startPoorJailer } from './support/poor-jailer.ts';
import { openJail, request, shell, slotOf, text } from './support/start.ts';
import { firstUid } from './support/table.ts';

async function start(mode: PoorMode, options = {}): Promise<PoorJailer> {
  const jailer = await startPoorJailer(mode, options);
  onTestFinished(() => jailer.end());
  return jailer;
}

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

async function expectUsable(jailer: PoorJailer): Promise<void> {
  const jail = await slotOf(jailer).open(request());
  const report = await jail.run(shell('echo usable; ls -A . $TMPDIR', { env: ['PATH=/usr/bin', 'TMPDIR=/tmp'] }));
  expect(text(report)).toMatch(/^usable\n.*:\n\n.*:\n$/);
  await jail.close();
}

describe.each<PoorMode>(['classic', 'restricted'])('mode %s', (mode) => {
  test('runs commands one after another in directories of the job, and lists what it measured', async () => {
    const jailer = await start(mode);
    const files = [{ path: 'in/a.txt', mode: 0o640, content: Buffer.from('alpha\n') }];
    const jail = await openJail(jailer, { files });
    expect(jail.layers.map(({ name }) => name)).toEqual(['identity', 'rlimits', mode, 'landlock', 'seccomp']);
    const env = ['PATH=/usr/bin', 'HOME=/work', 'TMPDIR=/tmp'];
    const first = await jail.run(shell('id -u; pwd; echo $HOME $TMPDIR; cat in/a.txt >$TMPDIR/b', { env }));
    const box = join(jailer.boxes, `bullpen-box-${firstUid}`);
    expect(text(first)).toBe(`${firstUid}\n${box}/work\n${box}/work ${box}/tmp\n`);
    const second = await jail.run(shell('cat $TMPDIR/b >out; exit 3', { env }));
    expect(second).toMatchObject({ endedBy: 'itself', exitCode: 3, diskFiles: 4, diskFull: false });
    expect(await jail.collect('out', 100)).toMatchObject({ state: 'collected', mode: 0o644 });
    await jail.close();
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

  test.each([
    ['a deep tree', 'for i in $(seq 300); do mkdir d && touch f && cd d; done'],
    ['unreadable directories', 'mkdir -p a/b/c && touch a/b/c/f && chmod 0 a/b/c a/b a . $TMPDIR'],
    ['many files', 'seq 20000 | xargs touch'],
    ['links that lead outside', 'ln -s /usr l; mkdir m; ln -s / m/l; ln f g 2>/dev/null; mkfifo p; ln -s . self'],
    ['names like those of the removal', 'mkdir -p x/y/z x/bullpen-0 bullpen-1/a bullpen-0 && touch bullpen-2'],
  ])('the next job begins empty after %s', async (_, script) => {
    const jailer = await start(mode);
    const jail = await openJail(jailer, { diskFiles: 20_000 });
    const env = ['PATH=/usr/bin', 'TMPDIR=/tmp'];
    await jail.run(shell(script, { env }));
    // Its own doing never makes a fault of the next command.
    expect(text(await jail.run(shell('echo on', { env })))).toBe('on\n');
    await jail.close();
    await expectUsable(jailer);
    expect(statSync('/usr').isDirectory()).toBe(true);
  });

  test('a job that writes more than its disk allows is ended, and its files are counted', async () => {
    const jailer = await start(mode);
    const jail = await openJail(jailer, { diskBytes: 4_000_000 });
    const small = await jail.run(shell('head -c 3000000 /dev/zero >a'));
    expect(small).toMatchObject({ endedBy: 'itself', diskFull: false });
    expect(small.diskBytes).toBeGreaterThanOrEqual(3_000_000);
    const large = await jail.run(shell('for i in $(seq 50); do head -c 1000000 /dev/zero >>a; sleep 0.02; done'));
    expect(large).toMatchObject({ endedBy: 'output', diskFull: true });
    expect(large.diskBytes).toBeLessThan(20_000_000);
  });

  test('a job that hides what it writes below many directories is ended all the same', async () => {
    const jailer = await start(mode);
    const jail = await openJail(jailer, { diskBytes: 4_000_000, diskFiles: 2000 });
    const deep = `perl -e 'for (1 .. 600) { mkdir "d"; chdir "d" } open F, ">f"; print F "x" x 8e6; close F; sleep 2'`;
    expect(await jail.run(shell(deep))).toMatchObject({ endedBy: 'output', diskFull: true });
  });

  test('a job that makes more files than it may is ended', async () => {
    const jailer = await start(mode);
    const jail = await openJail(jailer, { diskFiles: 100 });
    const report = await jail.run(shell('for i in $(seq 100000); do : >f$i; done'));
    expect(report).toMatchObject({ endedBy: 'output', diskFull: true });
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

test('in a place of its own even a file that was removed counts for the job that keeps it open', async () => {
  const jailer = await start('classic', { slots: 2, ownPlaces: true });
  const jail = await openJail(jailer, { diskBytes: 4_000_000 }, 1);
  const report = await jail.run(shell('exec 3>f; rm f; head -c 8000000 /dev/zero >&3; sleep 2'));
  expect(report).toMatchObject({ endedBy: 'output', diskFull: true });
  await jail.close();
  expect(readdirSync(join(jailer.boxes, '0'))).toEqual([`bullpen-box-${firstUid}`]);
});

describe('slots of mode classic share their place', () => {
  test('one cannot reach the box of another', async () => {
    const jailer = await start('classic', { slots: 2 });
    const [first, second] = [await openJail(jailer), await openJail(jailer, {}, 1)];
    await first.run(shell('echo secret >f; chmod -R 777 .'));
    const box = join(jailer.boxes, `bullpen-box-${firstUid}`);
    const report = await second.run(
      shell(`cat ${box}/work/f; echo x >${box}/work/g; ls ${box} ${box}/work; rm ${box}/work/f`),
    );
    expect(report.stdout.bytesSeen).toBe(0);
    expect(report.exitCode).toBe(1);
  });

  test('a job that finds the place full by another one’s doing is a fault, never a failed program', async () => {
    const jailer = await start('classic', { slots: 2, placeBytes: 16_777_216 });
    const [first, second] = [await openJail(jailer), await openJail(jailer, { diskBytes: 8_000_000 }, 1)];
    // Removed but kept open: the place is full, and no name says of whom.
    const filling = first.run(shell('exec 3>f; rm f; head -c 30000000 /dev/zero >&3; sleep 3'));
    await eventually('the place is full', async () => {
      const { statfs } = await import('node:fs/promises');
      return (await statfs(jailer.boxes)).bavail === 0;
    });
    const starved = second.run(shell('sleep 0.1; head -c 100000 /dev/zero >f || exit 7'));
    await expect(starved).rejects.toMatchObject({ step: 'box' });
    await filling.catch(() => {});
  });
});
