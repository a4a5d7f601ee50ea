import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli, startCli, textOf } from './support/run-cli.ts';
import { makeScratch } from './support/scratch.ts';

const scratch = makeScratch();
const env = { XDG_RUNTIME_DIR: scratch.folder };
let fleet: ReturnType<typeof startCli>;
let announced: { redis: string; slots: number };

beforeAll(async () => {
  fleet = startCli(['up', '--slots', '2', '--json'], { env });
  announced = JSON.parse(await firstLine(fleet.nodeChildProcess.stdout)) as typeof announced;
});

afterAll(async () => {
  fleet.kill('SIGKILL');
  await fleet;
  scratch.remove();
});

describe('a fleet that `up` started', () => {
  it('is found by submit and result without a flag', async () => {
    const file = scratch.write('hello.py', 'import sys\nprint("hello", sys.argv[1])\nsys.exit(4)');
    const submitted = await runCli(['submit', file, 'you'], { env });
    expect(submitted.exitCode).toBe(0);
    const result = await runCli(['result', textOf(submitted.stdout).trim()], { env });
    expect(textOf(result.stdout)).toBe('hello you\n');
    expect(result.exitCode).toBe(4);
  });

  it('is found by its address from elsewhere', async () => {
    const run = await runCli(['submit', '--wait', '--redis', announced.redis, scratch.write('one.sh', 'echo 1')]);
    expect(textOf(run.stdout)).toBe('1\n');
  });

  it('takes a whole job as JSON, from a file or standard input', async () => {
    const job = JSON.stringify({
      profile: 'bash',
      commands: [{ argv: ['bash', '-c', 'echo a'] }, { argv: ['bash', '-c', 'echo b'] }],
    });
    const fromFile = await runCli(['submit', '--wait', '--job', scratch.write('job.json', job)], { env });
    expect(textOf(fromFile.stdout)).toBe('a\nb\n');
    const fromUs = await runCli(['submit', '--json', '--job', '-'], { env, stdin: job });
    const { id } = JSON.parse(textOf(fromUs.stdout)) as { id: string };
    const result = await runCli(['result', '--json', id], { env });
    expect(JSON.parse(textOf(result.stdout))).toMatchObject({ jobId: id, state: 'finished' });
  });

  it('answers from an earlier run with --cache, and only then', async () => {
    const job = JSON.stringify({ profile: 'bash', commands: [{ argv: ['bash', '-c', 'date +%s%N'] }] });
    const submit = async (...options: string[]): Promise<string> =>
      textOf((await runCli(['submit', '--wait', ...options, '--job', '-'], { env, stdin: job })).stdout);
    const first = await submit('--cache');
    expect(first).toMatch(/^\d+\n$/);
    expect(await submit('--cache')).toBe(first);
    expect(await submit()).not.toBe(first);
  });

  it.each([
    ['a malformed job', '{"profile": "python"}', 'commands is missing'],
    ['an unknown profile', '{"profile": "cobol", "commands": [{"argv": ["x"]}]}', 'cobol'],
    ['no JSON', '{', 'is not valid JSON'],
  ])('is not sent %s', async (_what, text, sentence) => {
    const run = await runCli(['submit', '--job', '-'], { env, stdin: text });
    expect(run.stderr).toContain(sentence);
    expect(run.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(run.exitCode).toBe(2);
  });

  it('says when it does not know a job', async () => {
    const run = await runCli(['result', 'never-submitted', '--timeout', '3s'], { env });
    expect(run.stderr).toContain('never-submitted');
    expect(run.exitCode).toBe(125);
  });

  it('ends with Ctrl-C and takes its note and its Redis along', async () => {
    fleet.kill('SIGINT');
    const { exitCode } = await fleet;
    expect(exitCode).toBe(0);
    expect(existsSync(announced.redis)).toBe(false);
    const run = await runCli(['submit', scratch.write('late.py', '')], { env });
    expect(run.stderr).toContain('No fleet is running');
  });
});

describe('demo', () => {
  it('finds every sample to end as expected', { timeout: 60_000 }, async () => {
    const run = await runCli(['demo', '--jobs', '50', '--json']);
    const report = JSON.parse(textOf(run.stdout)) as {
      submissions: number;
      different: number;
      rows: { details: string | null }[];
    };
    expect(report.rows.map(({ details }) => details).filter((details) => details !== null)).toEqual([]);
    expect(report).toMatchObject({ submissions: 50, different: 0 });
    expect(run.exitCode).toBe(0);
  });
});

function firstLine(stream: Readable | null): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    stream?.on('data', (bytes: Uint8Array) => {
      text += textOf(bytes);
      if (text.includes('\n')) resolve(text);
    });
    stream?.once('end', () => reject(new Error(`The fleet ended after ${JSON.stringify(text)}.`)));
  });
}
