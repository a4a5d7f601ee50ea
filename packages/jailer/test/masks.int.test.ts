import { describe, expect, onTestFinished, test } from 'vitest';
import type { JailReport } from '../ts/types.ts';
import { startOrdinary } from './support/ordinary-user.ts';
import { type PoorMode, startPoorJailer } from './support/poor-jailer.ts';
import { openJail, shell, startWith, type TestJailer, text } from './support/start.ts';
import { binary, firstUid, makeTableFiles } from './support/table.ts';

/** What the first profile says besides. */
const masked = [
  'work /home/jail',
  'mask listing /',
  'mask listing /home',
  'mask file /etc/passwd',
  'mask directory /root',
  'mask directory /opt/deep',
  'mask directory /tmp',
  'mask directory /proc',
];
const withMasks = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => (line.startsWith('profile ') ? [line, ...masked] : [line]));

/** Opening, listing, entering and writing what is closed; at last what is not. */
const script = `
pwd; echo $HOME
echo x >a && cat /home/jail/a
for path in /etc/passwd /root/x /opt/deep/x /tmp/x /proc/self/status /proc/1/status; do cat $path; done
ls / ; ls ..; ls /root; ls /opt/deep; ls /tmp; ls /proc; cd /root
echo x >/tmp/x; mkdir /root/x; chmod 777 /etc/passwd
echo x >/etc/passwd; echo x >/x; echo x >../x; echo x >/etc/x; mkdir /x
ls /usr/bin/env; ls /dev/shm`;

const refusals = (report: JailReport): string[] =>
  Buffer.from(report.stderr.bytes)
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => line.split(': ').at(-1) ?? line);

async function startRoot(leaveOut: readonly string[] = []): Promise<TestJailer> {
  const files = makeTableFiles(1);
  const program = leaveOut.length > 0 ? `${binary}-sabotage` : binary;
  const jailer = await startWith({ files, lines: withMasks(files.lines), slots: 1, program, leaveOut });
  onTestFinished(async () => {
    await jailer.close();
    files.remove();
  });
  return jailer;
}

describe.each([
  ['root', () => startRoot()],
  ['root on a kernel without Landlock', () => startRoot(['landlock'])],
  ['userns', () => startOrdinary('', withMasks)],
])('mode %s', (mode, start) => {
  test('what is masked answers EACCES, the work directory stands where the table says', async () => {
    const jail = await openJail(await start());
    const env = ['PATH=/usr/bin', 'HOME=/home/jail', 'LANG=C'];
    const report = await jail.run(shell(script, { env }));
    expect(text(report)).toBe('/home/jail\n/home/jail\nx\n/usr/bin/env\n');
    const closed = 'Permission denied';
    const sealed = 'Read-only file system';
    // The mount of an ordinary user's jail is read-only, since the view's files are that user's own.
    expect(refusals(report)).toEqual([
      ...Array.from({ length: 6 + 7 + 2 }, () => closed),
      mode === 'userns' ? sealed : 'Operation not permitted',
      ...Array.from({ length: 5 }, () => (mode === 'userns' ? sealed : closed)),
    ]);
    const second = await jail.run(shell('cat a; ls', { env }));
    expect(text(second)).toBe('x\na\n');
  });
});

describe.each<PoorMode>(['classic', 'restricted'])('mode %s', (mode) => {
  test('has the box for the work directory, and gives a program nothing of a masked /proc', async () => {
    const jailer = await startPoorJailer(mode, { change: withMasks });
    onTestFinished(() => jailer.end());
    const jail = await openJail(jailer);
    const env = ['PATH=/usr/bin', 'HOME=/home/jail', 'LANG=C'];
    const report = await jail.run(
      shell('pwd; echo $HOME; cat /proc/self/status; ls /proc; cat /etc/passwd; ls /', { env }),
    );
    const work = `${jailer.boxes}/bullpen-box-${firstUid}/work\n`;
    expect(text(report)).toBe(`${work}${work}`);
    expect(refusals(report)).toEqual(Array.from({ length: 4 }, () => 'Permission denied'));
    const open = await startPoorJailer(mode);
    onTestFinished(() => open.end());
    const allowed = await openJail(open);
    expect(text(await allowed.run(shell('head -n1 /proc/self/status', { env })))).toBe('Name:\thead\n');
  });
});
