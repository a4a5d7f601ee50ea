import { chmodSync, chownSync, symlinkSync } from 'node:fs';
import { afterAll, expect, describe, test } from 'vitest';
import { JailerError } from '../ts/jailer-error.ts';
import { startJailer } from '../ts/start-jailer.ts';
import { runJailer } from './support/check-table.ts';
import { binary, firstUid, makeTableFiles, profileLines } from './support/table.ts';

const files = makeTableFiles(2);
afterAll(() => files.remove());

const [version = '', runDir = '', mode = '', slot0 = '', slot1 = '', ...rest] = files.lines;
const profile = profileLines();
/** The table with these lines in its profile. */
const withLine = (...lines: string[]): string[] =>
  files.lines.flatMap((line) => (line.startsWith('profile ') ? [line, ...lines] : [line]));

describe('a table', () => {
  test('that is sound is accepted without a word', async () => {
    expect(await runJailer('--check', files.write(files.lines))).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  test.each<[rule: string, lines: string[], sentence: RegExp]>([
    [
      'must begin with its version',
      ['bullpen-table 2', runDir, mode, slot0, ...rest],
      /line 1: must be `bullpen-table 1`/,
    ],
    ['must have a run-dir', [version, mode, slot0, ...rest], /run-dir, mode, a slot or a profile is missing/],
    ['must have a mode', [version, runDir, slot0, ...rest], /mode/],
    [
      'must have a known mode',
      [version, runDir, 'mode admin', slot0, ...rest],
      /mode must be root, userns, classic or restricted/,
    ],
    ['must have a slot', [version, runDir, mode, ...rest], /slot/],
    ['must have a profile', [version, runDir, mode, slot0], /profile/],
    [
      'must not say a thing twice',
      [version, runDir, runDir, mode, slot0, ...rest],
      /line 3: unknown, repeated or malformed/,
    ],
    ['must count its slots from 0', [version, runDir, mode, slot1, ...rest], /slot numbers must count from 0/],
    ['must not give root to a slot', [version, runDir, mode, 'slot 0 0 0', ...rest], /between 1 and 2147483647/],
    [
      'must not give a UID to two slots',
      [version, runDir, mode, slot0, `slot 1 ${firstUid} 7`, ...rest],
      /two slots share a uid/,
    ],
    ['must write numbers as plain decimals', [version, runDir, mode, 'slot 0 0x10 16', ...rest], /uid and gid/],
    [
      'must not know other words',
      [version, runDir, mode, slot0, 'colour blue', ...rest],
      /unknown, repeated or malformed/,
    ],
    ['must separate words by one space', [version, runDir, 'mode  root', slot0, ...rest], /double space/],
    ['must lock UIDs below an absolute path', [version, runDir, mode, 'uid-locks run', slot0, ...rest], /uid-locks/],
    [
      'must lock UIDs in one place',
      [version, runDir, mode, 'uid-locks /run/a', 'uid-locks /run/b', slot0, ...rest],
      /line 5: unknown, repeated or malformed/,
    ],
    [
      'must place the boxes of a mode without mounts',
      [version, runDir, 'mode classic', slot0, ...rest],
      /boxes is for the modes classic and restricted, and needed there/,
    ],
    [
      'must not place boxes where each is a mount of its own',
      [version, runDir, mode, 'boxes /dev/shm', slot0, ...rest],
      /boxes is for the modes classic and restricted/,
    ],
    [
      'must give one user to one slot',
      [version, runDir, 'mode restricted', 'boxes /dev/shm', slot0, slot1, ...rest],
      /mode restricted has one slot/,
    ],
    ['must not lead out of a directory', [version, 'run-dir /run/../etc', mode, slot0, ...rest], /absolute path/],
    [
      'must show the work directory below the root',
      withLine('work /'),
      /work must be a short absolute path below the root/,
    ],
    ['must name the work directory without a slash at its end', withLine('work /a/'), /work must be/],
    ['must name the work directory absolutely', withLine('work sandbox'), /work must be/],
    ['must not lead out of it', withLine('work /a/..'), /work must be/],
    ['must not name it at length', withLine(`work /${'a'.repeat(96)}`), /work must be a short/],
    [
      'must show it where the jail has nothing of its own',
      withLine('work /tmp/x'),
      /must not lie in \/tmp, \/dev or \/proc/,
    ],
    ['must not show it at /proc', withLine('work /proc'), /must not lie in/],
    ['must show it once', withLine('work /a', 'work /b'), /unknown or malformed line of a profile/],
    ['must mask absolute paths', withLine('mask file etc/passwd'), /a mask must stand at an absolute path/],
    ['must mask paths without ..', withLine('mask directory /a/../b'), /a mask must stand at an absolute path/],
    ['must not end a masked path in ..', withLine('mask directory /..'), /a mask must stand at an absolute path/],
    ['must mask files, directories or listings', withLine('mask link /a'), /a file, a directory or a listing/],
    ['must not close the root', withLine('mask directory /'), /nothing but its listing/],
    [
      'must not mask at length',
      withLine(...Array.from({ length: 49 }, (_, n) => `mask file /f${n}`)),
      /more than 48 masks/,
    ],
    [
      'must give every ceiling',
      [version, runDir, mode, slot0, ...profile.filter((line) => !line.startsWith('ceiling stack'))],
      /lacks a ceiling/,
    ],
    [
      'must give a ceiling once',
      [version, runDir, mode, slot0, ...profile.slice(0, -1), 'ceiling stack 1', 'end'],
      /given twice/,
    ],
    [
      'must not know other ceilings',
      [version, runDir, mode, slot0, ...profile.slice(0, -1), 'ceiling cheese 1', 'end'],
      /unknown ceiling/,
    ],
    ['must not allow what does not exist', [version, runDir, mode, slot0, 'profile 0 a', 'allow root'], /allow takes/],
    ['must not show a relative path', [version, runDir, mode, slot0, 'profile 0 a', 'view read etc /etc'], /absolute/],
    [
      'must not replace the root of the jail',
      [version, runDir, mode, slot0, 'profile 0 a', 'view read /etc /'],
      /cannot replace the jail's root/,
    ],
    [
      'must not show a path to write',
      [version, runDir, mode, slot0, 'profile 0 a', 'view write /etc /etc'],
      /read or execute/,
    ],
    [
      'must limit processors by a cgroup',
      [version, runDir, mode, 'cpu-milli 500', slot0, ...profile],
      /cpu-milli needs a cgroup that enforces it/,
    ],
    [
      'must not give a slot less than a hundredth of a processor',
      [version, runDir, mode, 'cpu-milli 9', slot0, ...rest],
      /cpu-milli must be 10 to 1048576/,
    ],
    ['must end its profiles', [version, runDir, mode, slot0, ...profile.slice(0, -1)], /lacks its `end`/],
    [
      'must name cgroup controllers that exist',
      [version, runDir, mode, slot0, 'cgroup cheese /sys/fs/cgroup/x', ...profile],
      /unknown cgroup controller/,
    ],
  ])('%s: one sentence, exit 2', async (_, lines, sentence) => {
    const answer = await runJailer('--check', files.write(lines));
    expect(answer).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringMatching(sentence) });
    expect(answer.stderr.split('\n').length).toBe(1);
  });

  test('is refused when others may write it, when it belongs to somebody else, and when it is a link or missing', async () => {
    const file = files.write(files.lines);
    const exitCode = async (path = file): Promise<number | undefined> => (await runJailer('--check', path)).exitCode;
    chmodSync(file, 0o620);
    expect(await exitCode()).toBe(2);
    chmodSync(file, 0o600);
    chownSync(file, firstUid, 0);
    expect(await exitCode()).toBe(2);
    chownSync(file, 0, 0);
    symlinkSync(file, `${file}-link`);
    expect([await exitCode(), await exitCode(`${file}-link`), await exitCode('/nowhere')]).toEqual([0, 2, 2]);
  });
});

describe('the program', () => {
  test('says its version and the features of the kernel', async () => {
    expect((await runJailer('--version')).stdout).toMatch(/^bullpen-jailer \d+\.\d+\.\d+$/);
    const features = (await runJailer('--features')).stdout.split('\n');
    expect(features.every((line) => /^[a-z0-9_]+=\S+$/.test(line))).toBe(true);
  });

  test.each([[[]], [['--nonsense']], [['--table']], [['--leave-out', 'seccomp', '--table', '/x']]])(
    'refuses the words %j with its usage',
    async (words) => {
      expect(await runJailer(...words)).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^usage: /) });
    },
  );
});

describe('startJailer', () => {
  const start = (tableFile: string, slots = 2, program = binary): Promise<unknown> =>
    startJailer({ binary: program, tableFile, slots, onDiagnostic: () => {} });

  test("rejects with the jailer's own line when the table is refused", async () => {
    await expect(start(files.write([version]))).rejects.toThrow(
      /step start: it exited with 2 and said: bullpen-jailer: .*run-dir, mode, a slot or a profile is missing/,
    );
  });

  test('rejects when there are fewer sockets than slots', async () => {
    await expect(start(files.write(files.lines), 1)).rejects.toThrow(
      /descriptor 4 must be the stream socket of slot 1/,
    );
  });

  test.each([
    ['does not exist', '/nowhere/bullpen-jailer', /could not be started .*ENOENT/],
    ['has a name that no system call takes', '/nowhere\0', /could not be started/],
  ])('rejects when the program %s', async (_, program, sentence) => {
    const error = await start(files.write(files.lines), 2, program).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(JailerError);
    expect(String(error)).toMatch(sentence);
  });
});
