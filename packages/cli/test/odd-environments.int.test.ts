import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { runCli, textOf } from './support/run-cli.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync('/tmp/bullpen-odd-');
  chmodSync(folder, 0o755);
  onTestFinished(() => rmSync(folder, { recursive: true }));
  file = join(folder, 'hello.sh');
  writeFileSync(file, 'echo hello\n');
});

/** What `bullpen run` says in this environment, each on one line of its own. */
async function run(env: Readonly<Record<string, string>>) {
  const { exitCode, stdout, stderr } = await runCli(['run', file], { env });
  return { exitCode, stdout: textOf(stdout), stderr };
}

const long = (): string => {
  const path = join(folder, 'd'.repeat(100));
  mkdirSync(path);
  return path;
};

const closed = (): string => {
  const path = join(folder, 'private', 'tmp');
  mkdirSync(path, { recursive: true });
  chmodSync(join(folder, 'private'), 0o700);
  return path;
};

describe('a temporary directory that cannot be used', () => {
  test.each<[what: string, make: () => string, why: RegExp]>([
    ['missing', () => join(folder, 'absent'), /does not exist/],
    ['a file', () => file, /is no directory/],
    ['relative', () => 'tmp', /is not an absolute path/],
    ['closed to the workers’ user', closed, /is closed to others, and to the user that workers of root become/],
    ['too long for a socket', long, /is \d+ bytes too long: the private Redis listens on a socket below it/],
  ])('because it is %s is named, with the remedy', async (_, make, why) => {
    const path = make();
    const { exitCode, stderr } = await run({ TMPDIR: path });
    expect(stderr).toMatch(
      new RegExp(
        `^bullpen: The temporary directory ${path} ${why.source}\\. Set TMPDIR to a directory that you may write in, such as /tmp\\.\\n$`,
      ),
    );
    expect(exitCode).toBe(2);
  });

  test('but only just short enough serves', async () => {
    // bullpen-redis-PID-XXXXXX/redis.sock has as many bytes as this and the process's number.
    const rest = '/bullpen-redis--XXXXXX/redis.sock'.length + 7;
    const path = join(folder, 'd'.repeat(107 - rest - folder.length - 1));
    mkdirSync(path);
    expect(await run({ TMPDIR: path })).toMatchObject({ exitCode: 0, stdout: 'hello\n' });
    expect(readdirSync(path)).toEqual([]);
  });
});

describe('a run directory that cannot be made', () => {
  test.each<[what: string, make: () => string, why: RegExp]>([
    ['its parent is missing', () => join(folder, 'absent'), /cannot be made: \S+ does not exist/],
    ['its parent is a file', () => file, /cannot be made: \S+ is no directory/],
    ['its path is too long', long, /is 1\d\d bytes long, and may have 96/],
  ])('because %s is named, with the remedy', async (_, make, why) => {
    const parent = make();
    const { exitCode, stderr } = await run({ BULLPEN_RUN_DIR: parent });
    expect(stderr).toMatch(
      new RegExp(
        `The run directory ${parent}/bullpen-\\d+ ${why.source}\\. Remedy: name a directory that this user \\(\\d+\\) may write in by runDirParent \\(BULLPEN_RUN_DIR\\)\\.\\n$`,
      ),
    );
    expect(exitCode).toBe(125);
  });
});

test('a place for the note of a fleet that cannot be made is named, with the remedy', async () => {
  const { exitCode, stderr } = await runCli(['up'], { env: { XDG_RUNTIME_DIR: file, BULLPEN_LOG_LEVEL: 'silent' } });
  expect(stderr).toContain(
    `${file}/bullpen, where a fleet is noted for other commands, cannot be made (ENOTDIR): set XDG_RUNTIME_DIR to a folder of your own, or unset it.`,
  );
  expect(exitCode).toBe(125);
});
