import { describe, expect, onTestFinished, test } from 'vitest';
import type { JailReport } from '../ts/types.ts';
import { startOrdinary } from './support/ordinary-user.ts';
import { type PoorMode, startPoorJailer } from './support/poor-jailer.ts';
import { openJail, request, shell, slotOf, startWith, type TestJailer, text } from './support/start.ts';
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
    expect(refusals(report)).toEqual([
      ...Array.from({ length: 6 + 7 + 2 }, () => closed),
      // The file is nobody's in jails of an ordinary user: its mode cannot be said in that user's terms.
      mode === 'userns' ? 'Value too large for defined data type' : 'Operation not permitted',
      ...Array.from({ length: 5 }, () => closed),
    ]);
    const second = await jail.run(shell('cat a; ls', { env }));
    expect(text(second)).toBe('x\na\n');
  });

  test('what one job reads of the view leaves no time of reading for the next', async () => {
    const jailer = await start();
    const times = 'stat -c %x / /dev /home /usr /bin';
    const told: string[] = [];
    for (const read of ['ls /dev /bin/env; readlink /bin; sleep 0.02', ':']) {
      const jail = await slotOf(jailer).open(request());
      told.push(text(await jail.run(shell(`${times}; ( ${read} ) >/dev/null; ${times}`))));
      await jail.close();
    }
    expect(told[0]).toMatch(/^(.+\n){5}/);
    expect(told[1]).toBe(told[0]);
  });
});

describe('mode userns, whose user made what holds the view together', () => {
  /** Opens the root, and what is closed by its mode alone; then makes, changes and removes. */
  const opening = [
    ...['chmod 777 /', 'chmod 777 /opt', 'chmod 666 /etc/passwd', 'touch -d 2000-01-01 /'],
    ...['touch /dev', 'mkdir /x', 'echo x >/w', 'ln -s x /y', 'ln /etc/passwd /z', 'rmdir /opt/deep', 'mv /opt /o'],
    ...['echo x >/etc/passwd', 'rm /bin'],
  ];
  const attempts = async (leaveOut: readonly string[]): Promise<string[]> => {
    const jail = await openJail(await startOrdinary('', withMasks, leaveOut));
    const report = await jail.run(shell(opening.map((line) => `( ${line} ) && echo '${line}'`).join('\n')));
    return text(report).split('\n').slice(0, -1);
  };

  test.each<readonly string[][]>([[[]], [['landlock']]])(
    'nothing of it can be changed without %j',
    async (leaveOut) => {
      expect(await attempts(leaveOut)).toEqual([]);
    },
  );

  test('Landlock alone still lets nothing be made or written', async () => {
    expect((await attempts(['view'])).filter((line) => !/^(chmod|touch)/.test(line))).toEqual([]);
  });

  test('without both it can', async () => {
    expect(await attempts(['view', 'landlock'])).toEqual(opening);
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
