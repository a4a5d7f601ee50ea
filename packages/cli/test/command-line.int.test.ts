import { afterAll, describe, expect, it } from 'vitest';
import { runCli, textOf } from './support/run-cli.ts';
import { makeScratch } from './support/scratch.ts';

const scratch = makeScratch();
afterAll(() => scratch.remove());
const file = scratch.write('a.py', 'print(1)');

const commands = [
  'run',
  'demo',
  'up',
  'worker',
  'submit',
  'result',
  'profiles',
  'doctor',
  'apparmor',
  'uids',
  'test',
  'bench',
];

describe.each([[], ...commands.map((name) => [name])])('bullpen %s', (...command) => {
  it('knows --help and --version', async () => {
    const help = await runCli([...command, '--help']);
    expect(help.exitCode).toBe(0);
    expect(textOf(help.stdout)).toMatch(/^Usage: bullpen/);
    const version = await runCli([...command, '--version']);
    expect(version.exitCode).toBe(0);
    expect(textOf(version.stdout)).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('a wrong command line gets one sentence and exit code 2', () => {
  it.each([
    [['rnu'], "unknown command 'rnu' (Did you mean run?)"],
    [['run'], "missing required argument 'file': --help lists what the command takes."],
    [['run', file, '--tiemout', '2s'], "unknown option '--tiemout' (Did you mean --timeout?)"],
    [['run', file, '--timeout', 'soon'], '--timeout is "soon": write a duration'],
    [['run', file, '--memory', 'lots'], '--memory is "lots": write a size'],
    [['run', file, '--memory', '32G'], 'limits.memoryBytes must be at most 4294967296 for profile python'],
    [['run', file, '--limit', 'speed=9'], '--limit names "speed", which is no limit'],
    [['run', file, '--profile', 'cobol'], '--profile is "cobol": the profiles are'],
    [['run', file, '--profiles', 'absent.json'], '--profiles absent.json cannot be read: there is no such file.'],
    [['run', file, '--profiles', '/etc/passwd'], '--profiles /etc/passwd is not valid JSON: '],
    [['run', file, '--stdin', 'absent.txt'], '--stdin absent.txt cannot be read: there is no such file.'],
    [['run', file, '--file', '../up=a.py'], 'files[1].path must not contain ".."'],
    [['run', file, '--redis', 'nonsense'], '--redis is "nonsense": write a URL'],
    [['run', 'absent.py'], 'FILE absent.py cannot be read: there is no such file.'],
    [['run', '/etc'], 'FILE /etc cannot be read: it is a directory.'],
    [['run', '/etc/hostname'], 'No profile claims the extension of hostname'],
    [['up', '--slots', '0'], '--slots is "0": write a whole number from 1 to 256.'],
    [['submit'], 'Nothing to submit'],
    [['submit', file, '--job', 'job.json'], 'choose one'],
    [
      ['test', '--only', 'some'],
      '--only is "some": the parts are check, native, unit, integration, classic, restricted, system, userns, vm.',
    ],
    [['test', '--vm', '--only', 'unit'], 'Both --only and --vm choose what runs: give one of them.'],
    [['apparmor', 'reload'], "command-argument value 'reload' is invalid"],
    [['apparmor', 'status', '--worker-label', 'a b'], "the worker's AppArmor label must be 1 to 128 letters"],
    [['uids', 'steal'], "command-argument value 'steal' is invalid"],
    [['uids', 'pick', '--count', '257'], '--count is "257": write a whole number from 1 to 256.'],
    [['bench', 'speed'], 'There is no benchmark "speed": choose jail, queue or doors.'],
    [['demo', '--jobs', 'all'], '--jobs is "all": write a whole number'],
  ])('%j', async (args, sentence) => {
    const run = await runCli(args, { cwd: scratch.folder, env: { XDG_RUNTIME_DIR: scratch.folder } });
    expect(run.stderr).toContain(sentence);
    expect(run.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(run.stderr).toMatch(/^bullpen: /);
    expect(run.exitCode).toBe(2);
  });
});

describe('without a Redis that answers', () => {
  it('run fails with 125 and one sentence, within a few seconds', async () => {
    const { elapsedMs: startMs } = await runCli(['--version']);
    const run = await runCli(['run', '--redis', 'redis://127.0.0.1:1', file]);
    expect(run.stderr).toContain('Redis did not answer');
    expect(run.exitCode).toBe(125);
    expect(run.elapsedMs).toBeLessThan(6000 + 4 * startMs);
  });

  it('submit and result say that no fleet is running', async () => {
    const env = { XDG_RUNTIME_DIR: scratch.folder };
    for (const args of [
      ['submit', file],
      ['result', 'some-id'],
    ]) {
      const run = await runCli(args, { env });
      expect(run.stderr).toContain('No fleet is running: start one with `bullpen up`');
      expect(run.exitCode).toBe(2);
    }
  });
});

describe('--json', () => {
  it.each([
    ['a missing file', ['run', 'absent.py', '--json'], 2, 'usage', /there is no such file/],
    ['an unknown option', ['run', '--json', '--loud', file], 2, 'usage', /^unknown option '--loud'/],
    ['a refused job', ['submit', '--json', '--memory', '32G', file], 2, 'limit-above-ceiling', /at most/],
    ['a Redis that is away', ['result', 'x', '--json', '--redis', '/absent'], 125, 'redis-unavailable', /^Redis /],
  ])('says %s as data, too', async (_what, args, exitCode, code, sentence) => {
    const run = await runCli(args);
    expect(run.exitCode).toBe(exitCode);
    const { error } = JSON.parse(textOf(run.stdout)) as { error: { code: string; message: string } };
    expect(error).toEqual({ code, message: expect.stringMatching(sentence) as string });
    expect(run.stderr).toMatch(/^bullpen: /);
  });

  it('leaves the words of the program alone', async () => {
    expect(textOf((await runCli(['run', 'absent.py', '--', '--json'])).stdout)).toBe('');
  });
});

describe('profiles', () => {
  it('lists every profile with its toolchain or the reason why it is not available', async () => {
    const run = await runCli(['profiles', '--json']);
    const list = JSON.parse(textOf(run.stdout)) as {
      name: string;
      available: boolean;
      toolchain: string | null;
      reason: string | null;
    }[];
    expect(list.find(({ name }) => name === 'python')).toMatchObject({ available: true, reason: null });
    for (const { available, toolchain, reason } of list) expect(available ? toolchain : reason).not.toBeNull();
    expect(textOf((await runCli(['profiles'])).stdout)).toMatch(
      /^NAME +TITLE +FILES +AVAILABLE\npython +Python +\.py +Python 3/,
    );
  });

  it('shows those of an operator, and refuses malformed ones', async () => {
    const bad = scratch.write('profiles.json', '[{"name": "Loud"}]');
    const run = await runCli(['profiles', '--profiles', bad]);
    expect(run.stderr).toContain('name must be lower-case letters');
    expect(run.exitCode).toBe(2);
  });
});

describe('doctor', () => {
  it('says of each layer whether it is there, and how it knows', async () => {
    const run = await runCli(['doctor', '--json']);
    const report = JSON.parse(textOf(run.stdout)) as {
      sound: boolean;
      layers: { name: string; active: boolean; measured: string }[];
    };
    expect(report.sound).toBe(true);
    expect(run.exitCode).toBe(0);
    const names = ['identity', 'rlimits', 'namespaces', 'seccomp'];
    for (const name of names) expect(report.layers.find((layer) => layer.name === name)?.active, name).toBe(true);
  });
});
