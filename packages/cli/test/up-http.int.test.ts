import { afterEach, beforeEach, expect, it } from 'vitest';
import { startCli, textOf } from './support/run-cli.ts';
import { makeScratch } from './support/scratch.ts';

let scratch: ReturnType<typeof makeScratch>;
let fleet: ReturnType<typeof startCli>;
let origin = '';

beforeEach(async () => {
  scratch = makeScratch();
  fleet = startCli(['up', '--slots', '1', '--http', '0', '--json'], { env: { XDG_RUNTIME_DIR: scratch.folder } });
  for await (const bytes of fleet.nodeChildProcess.stdout ?? []) {
    origin = (JSON.parse(textOf(bytes as Uint8Array)) as { http: string }).http;
    break;
  }
});
afterEach(async () => {
  fleet.kill('SIGTERM');
  await fleet;
  scratch.remove();
});

it('`up --http` answers programs of this machine without a key, and no web pages', async () => {
  expect(origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const job = JSON.stringify({ profile: 'bash', commands: [{ argv: ['bash', '-c', 'echo hello'] }] });
  const submit = (headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${origin}/v1/jobs?wait=25`, {
      method: 'POST',
      body: job,
      headers: { 'content-type': 'application/json', ...headers },
    });
  const answer = await submit();
  expect([answer.status, await answer.json()]).toMatchObject([200, { commands: [{ stdout: { data: 'hello\n' } }] }]);
  expect((await submit({ origin: 'https://page.example' })).status).toBe(403);
  fleet.kill('SIGINT');
  expect((await fleet).exitCode).toBe(0);
  await expect(submit()).rejects.toThrow('fetch failed');
});
