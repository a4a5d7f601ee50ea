import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../../tests/support/eventually.ts';
import { type PoorMode, expectUsable, startForTest as start } from './support/poor-jailer.ts';
import { openJail, shell, text } from './support/start.ts';
import { firstUid } from './support/table.ts';

describe.each<PoorMode>(['classic', 'restricted'])('mode %s', (mode) => {
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
    const large = await jail.run(shell('for i in $(seq 50); do head -c 1000000 /dev/zero >>a; sleep 0.1; done'));
    expect(large).toMatchObject({ endedBy: 'output', diskFull: true });
    expect(large.diskBytes).toBeLessThan(20_000_000);
  });

  test('a job that hides what it writes below many directories is ended all the same', async () => {
    const jailer = await start(mode);
    const jail = await openJail(jailer, { diskBytes: 4_000_000, diskFiles: 2000 });
    const deep = `perl -e 'for (1 .. 600) { mkdir "d"; chdir "d" } open F, ">f"; print F "x" x 8e6; close F; sleep 8'`;
    expect(await jail.run(shell(deep))).toMatchObject({ endedBy: 'output', diskFull: true });
  });

  test('a job cannot close the way to its own directories: not for the look, nor for its next command', async () => {
    const jailer = await start(mode);
    const jail = await openJail(jailer, { diskBytes: 4_000_000 });
    expect((await jail.run(shell('chmod 0 .. . $TMPDIR 2>/dev/null; echo x'))).exitCode).toBe(0);
    expect(text(await jail.run(shell('echo on')))).toBe('on\n');
    const report = await jail.run(
      shell('chmod 0 .. 2>/dev/null; exec 3>f; for i in $(seq 40); do head -c 1000000 /dev/zero >&3; sleep 0.1; done'),
    );
    expect(report).toMatchObject({ endedBy: 'output', diskFull: true });
  });

  test('no file can be made setuid, by any call', async () => {
    const jailer = await start(mode);
    const jail = await openJail(jailer);
    const report = await jail.run(
      shell(
        `perl -e '$c = 0; open F, ">f"; $c += chmod 04755, "f"; $c += chmod 02755, "f"; $c += mkdir "d", 02777; ` +
          `use Fcntl; $c += sysopen(G, "g", O_CREAT|O_WRONLY, 04755) ? 1 : 0; print "$c\n"; print chmod 0755, "f"'`,
      ),
    );
    expect(text(report)).toBe('0\n1');
  });

  test('a job that makes more files than it may is ended', async () => {
    const jailer = await start(mode);
    const jail = await openJail(jailer, { diskFiles: 100 });
    const report = await jail.run(shell('for i in $(seq 100000); do : >f$i; done'));
    expect(report).toMatchObject({ endedBy: 'output', diskFull: true });
  });
});

test('in a place of its own even a file that was removed counts for the job that keeps it open', async () => {
  const jailer = await start('classic', { slots: 2, ownPlaces: true });
  const jail = await openJail(jailer, { diskBytes: 4_000_000 }, 1);
  const report = await jail.run(shell('exec 3>f; rm f; head -c 8000000 /dev/zero >&3; sleep 8'));
  expect(report).toMatchObject({ endedBy: 'output', diskFull: true });
  await jail.close();
  expect(readdirSync(jailer.boxes)).toEqual(['0', '1']);
});

test('a restricted jailer has no boxes in a place that its own programs could close', async () => {
  const answer = start('restricted', { placeOfItsOwnUser: true });
  await expect(answer).rejects.toThrow(/exited with 2/);
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
    const filling = first.run(shell('exec 3>f; rm f; head -c 30000000 /dev/zero >&3; sleep 5'));
    await eventually('the place is full', async () => {
      const { statfs } = await import('node:fs/promises');
      return (await statfs(jailer.boxes)).bavail === 0;
    });
    const starved = second.run(shell('sleep 0.1; head -c 100000 /dev/zero >f || exit 7'));
    await expect(starved).rejects.toMatchObject({ step: 'box' });
    await filling.catch(() => {});
  });
});
