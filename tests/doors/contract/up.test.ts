import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { preparePlace, type RungPlace } from '../../support/rung.ts';

/** What a user without anything else does first: `bullpen up --http`, then the calls of the README. */
const program = fileURLToPath(new URL('../../../packages/cli/src/main.ts', import.meta.url));
let place: RungPlace;
let folder: string;
let origin: string;
let stop: () => Promise<unknown>;

beforeAll(async () => {
  place = preparePlace();
  folder = mkdtempSync(join(tmpdir(), 'bullpen-home-'));
  mkdirSync(join(folder, 'tmp'));
  for (const path of [folder, join(folder, 'tmp')]) chmodSync(path, 0o777);
  const words = [...place.launcher, process.execPath, '--conditions=@bullpen/source', program];
  const child = spawn(words[0] ?? '', [...words.slice(1), 'up', '--http', '0', '--json'], {
    cwd: folder,
    env: {
      ...{
        HOME: folder,
        TMPDIR: join(folder, 'tmp'),
        PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
      },
      ...place.settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  stop = async () => {
    child.kill('SIGINT');
    return (await ended)[0] as unknown;
  };
  let said = '';
  child.stderr.on('data', (text) => {
    said = (said + String(text)).slice(-2000);
  });
  for await (const line of createInterface({ input: child.stdout })) {
    origin = (JSON.parse(line) as { http: string }).http;
    return;
  }
  throw new Error(`up ended before it was ready: ${said}`);
});
afterAll(async () => {
  await stop?.();
  place?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const post = async (path: string, body: unknown): Promise<[number, unknown]> => {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${origin}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return [response.status, await response.json()];
};

describe('the calls of the README', () => {
  test('a job by the native door', async () => {
    const commands = [{ argv: ['python3', '-c', 'print(6 * 7)'] }];
    expect(await post('/v1/jobs?wait=30', { profile: 'python', commands })).toMatchObject([
      200,
      { state: 'finished', commands: [{ outcome: { kind: 'exited', exitCode: 0 }, stdout: { data: '42\n' } }] },
    ]);
  });

  test('code by codejail’s door, whose own checks have passed', async () => {
    const health = async (): Promise<number> => (await fetch(`${origin}/health/`)).status;
    await eventually('the safety checks pass', async () => (await health()) === 200, 30_000);
    const payload = JSON.stringify({ code: 'x = x + 1', globals_dict: { x: 16 } });
    const body = new URLSearchParams({ payload });
    const answer = await fetch(`${origin}/api/v0/code-exec`, { method: 'POST', body });
    expect([answer.status, await answer.text()]).toEqual([200, '{"globals_dict":{"x":17}}']);
  });

  test('commands by codebox’s door', async () => {
    const sources = { 'hello.py': 'print(1)' };
    const commands = [{ command: '/venv/bin/python hello.py', timeout: 20 }];
    expect(await post('/execute', { sources, commands })).toEqual([
      200,
      [{ stdout: '1\n', stderr: '', exit_code: 0, elapsed_time: expect.any(Number) }],
    ]);
  });
});

test('a result by the native door has files, labels and the layers of its jail', async () => {
  const job = {
    profile: 'python',
    files: [{ path: 'main.py', content: 'open("out", "wb").write(bytes([255])); print(input())' }],
    commands: [{ argv: ['python3', 'main.py'], stdin: 'héllo' }],
    collect: ['out'],
    labels: { course: 'one' },
  };
  const [status, result] = await post('/v1/jobs?wait=30', job);
  expect(status).toBe(200);
  expect(result).toMatchObject({
    commands: [{ stdout: { data: 'héllo\n' } }],
    files: [{ state: 'collected', path: 'out', encoding: 'base64', data: '/w==' }],
    labels: { course: 'one' },
    receipt: { layers: expect.arrayContaining([expect.objectContaining({ name: 'seccomp' })]) },
  });
});

test('Ctrl-C ends it well', async () => {
  expect(await stop()).toBe(0);
});
