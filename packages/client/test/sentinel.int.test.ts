import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findPort } from '../../../tests/support/find-port.ts';
import { type Client, createClient } from '../src/index.ts';

let folder: string;
let servers: ChildProcess[] = [];
let client: Client;

async function start(words: readonly string[], isReady: RegExp): Promise<void> {
  const server = spawn('redis-server', words, { stdio: ['ignore', 'pipe', 'ignore'] });
  servers.push(server);
  for await (const line of createInterface({ input: server.stdout })) if (isReady.test(line)) break;
  server.stdout.resume();
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bullpen-sentinel-'));
  const [port, sentinelPort] = [await findPort(), await findPort()];
  await start(
    ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--maxmemory-policy', 'noeviction'],
    /eady to accept/,
  );
  const file = join(folder, 'sentinel.conf');
  writeFileSync(
    file,
    `port ${sentinelPort}\nbind 127.0.0.1\ndir ${folder}\nsentinel monitor grading 127.0.0.1 ${port} 1\n`,
  );
  await start([file, '--sentinel'], /\+monitor master grading/);
  client = createClient({ connection: { sentinels: [{ host: '127.0.0.1', port: sentinelPort }], name: 'grading' } });
});

afterAll(async () => {
  await client?.close();
  for (const server of servers) server.kill('SIGKILL');
  servers = [];
  rmSync(folder, { recursive: true, force: true });
});

test('a client finds its Redis through Sentinel', async () => {
  const handle = await client.submit({ profile: 'bash', commands: [{ argv: ['true'] }] });
  const waiting = handle.result({ timeoutMs: 10_000 });
  expect(await handle.state()).toBe('waiting');
  expect(await handle.cancel()).toBe(true);
  expect((await waiting).state).toBe('cancelled');
});
