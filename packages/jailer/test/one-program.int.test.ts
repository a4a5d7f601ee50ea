import { describe, expect, onTestFinished, test } from 'vitest';
import { startOrdinary } from './support/ordinary-user.ts';
import { startPoorJailer } from './support/poor-jailer.ts';
import { openJail, shell, startWith, type TestJailer, text } from './support/start.ts';
import { binary, makeTableFiles } from './support/table.ts';

const withoutExec = (lines: readonly string[]): string[] => lines.filter((line) => line !== 'allow exec');
const withoutBoth = (lines: readonly string[]): string[] => withoutExec(lines).filter((line) => line !== 'allow fork');

async function startRoot(change: (lines: readonly string[]) => string[]): Promise<TestJailer> {
  const files = makeTableFiles(1);
  const jailer = await startWith({ files, lines: change(files.lines), slots: 1, program: binary, leaveOut: [] });
  onTestFinished(async () => {
    await jailer.close();
    files.remove();
  });
  return jailer;
}

async function startPoor(mode: 'classic' | 'restricted', change: (lines: readonly string[]) => string[]) {
  const jailer = await startPoorJailer(mode, { change });
  onTestFinished(() => jailer.end());
  return jailer;
}

/** Perl forks, and tries by each of its processes to become another program. */
const script = `
$| = 1;
sub tried { exec { $_[0] } @_; print "$!\\n" }
tried('/usr/bin/true'); tried('/usr/bin/perl', '-e', '1'); tried('./script'); tried('nothing');
my $pid = fork(); print "no fork\\n" unless defined $pid;
if (defined $pid && $pid == 0) { tried('/usr/bin/env'); exit 7 }
if (defined $pid) { waitpid $pid, 0; print $? >> 8, "\\n" }
print system('/usr/bin/true'), "\\n"`;

const files = [{ path: 'script', mode: 0o755, content: Buffer.from('#!/bin/bash\necho script\n') }];
const perl = { ...shell(''), argv: ['perl', '-e', script.replaceAll('\\\\', '\\')] };
const refused = 'Permission denied\n';

describe.each([
  ['root', startRoot],
  ['userns', (change: (lines: readonly string[]) => string[]) => startOrdinary('', change)],
  ['classic', (change: (lines: readonly string[]) => string[]) => startPoor('classic', change)],
  ['restricted', (change: (lines: readonly string[]) => string[]) => startPoor('restricted', change)],
])('without `allow exec`, in mode %s,', (_, start) => {
  test('a command starts its own program and no other, however often; it may fork', async () => {
    const jail = await openJail(await start(withoutExec), { files });
    for (let command = 0; command < 2; command += 1) {
      expect(text(await jail.run(perl))).toBe(`${refused.repeat(5)}7\n-1\n`);
    }
    // By a name with a slash, by the way through a script's interpreter, and not at all.
    expect(text(await jail.run({ ...shell(''), argv: ['/usr/bin/echo', 'path'] }))).toBe('path\n');
    expect(text(await jail.run({ ...shell(''), argv: ['./script'] }))).toBe('script\n');
    expect(await jail.run({ ...shell(''), argv: ['nothing'] })).toMatchObject({ startErrno: 2 });
    expect(await jail.run({ ...shell(''), argv: [`${'x'.repeat(5000)}/`] })).toMatchObject({ startErrno: 36 });
  });
});

test('without `allow fork` as well both hold', async () => {
  const jail = await openJail(await startRoot(withoutBoth), { files });
  expect(text(await jail.run(perl))).toBe(`${refused.repeat(4)}no fork\n-1\n`);
});

test('with `allow exec` every program can be started', async () => {
  const jail = await openJail(await startRoot((lines) => [...lines]), { files });
  expect(text(await jail.run(shell('/usr/bin/echo a; ./script; perl -e "exec q(/usr/bin/echo), q(b)"')))).toBe(
    'a\nscript\nb\n',
  );
});
