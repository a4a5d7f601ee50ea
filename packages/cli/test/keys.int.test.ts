import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type CliRun, runCli, textOf } from './support/run-cli.ts';
import { makeScratch, type Scratch } from './support/scratch.ts';

let scratch: Scratch;
let file = '';
beforeEach(() => {
  scratch = makeScratch();
  file = join(scratch.folder, 'bullpen', 'http-keys.json');
});
afterEach(() => scratch.remove());

const run = (...words: readonly string[]): Promise<CliRun> =>
  runCli(['keys', ...words], { env: { XDG_CONFIG_HOME: scratch.folder } });

it('keys are made, listed and revoked; one is printed once, and its hash alone is kept, for its owner alone', async () => {
  const made = await run('add', 'grader', '--scope', 'jobs:submit', '--memory', '64M', '--jobs', '5', '--rate', '2.5');
  expect(made.exitCode).toBe(0);
  const key = textOf(made.stdout);
  expect(key).toMatch(/^bp_grader_[A-Za-z0-9_-]{43}\n$/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).not.toContain(key.trim().slice(-43));
  const again = await run('add', 'grader');
  expect(again).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('revoke it first') });
  const listed = textOf((await run('list', '--json')).stdout);
  expect(listed).not.toMatch(/sha256|[0-9a-f]{64}/);
  expect(JSON.parse(listed)).toMatchObject([{ name: 'grader', scopes: ['jobs:submit'], ceilings: { jobs: 5 } }]);
  expect((await run('revoke', 'grader')).exitCode).toBe(0);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ v: 1, keys: [] });
  expect(await run('revoke', 'grader')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('There is no key'),
  });
});

it('gateway does not start without a key', async () => {
  const env = { XDG_CONFIG_HOME: scratch.folder };
  const redis = join(scratch.folder, 'no.sock');
  expect(await runCli(['gateway', '--redis', redis], { env })).toMatchObject({
    exitCode: 125,
    stderr: expect.stringContaining('a gateway does not answer without: make one with `bullpen keys add NAME`'),
  });
});
