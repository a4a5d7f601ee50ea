import { setTimeout as delay } from 'node:timers/promises';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCli, startCli, textOf } from './support/run-cli.ts';
import { makeScratch } from './support/scratch.ts';

let scratch: ReturnType<typeof makeScratch>;
let fleet: ReturnType<typeof startCli>;
let env: { XDG_RUNTIME_DIR: string };
const note = (): string => readFileSync(join(scratch.folder, 'bullpen/fleet.json'), 'utf8');
const isNoted = (): boolean => existsSync(join(scratch.folder, 'bullpen/fleet.json')) && note() !== '';

beforeEach(async () => {
  scratch = makeScratch();
  env = { XDG_RUNTIME_DIR: scratch.folder };
  fleet = startCli(['up', '--slots', '1'], { env });
  while (!isNoted()) await delay(100); // the hook's own deadline ends it
});
afterEach(async () => {
  fleet.kill('SIGTERM');
  await fleet;
  scratch.remove();
});

it('a second `up` of the same user is refused, and leaves the note alone', async () => {
  const before = note();
  const second = await runCli(['up'], { env });
  expect(second.exitCode).toBe(2);
  expect(second.stderr).toContain('running already');
  expect(second.stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(note()).toBe(before);
});

it('`worker` joins the fleet of the same user', async () => {
  const worker = startCli(['worker', '--slots', '1'], { env });
  const log: string[] = [];
  worker.nodeChildProcess.stderr?.on('data', (bytes: Uint8Array) => log.push(textOf(bytes)));
  await expect.poll(() => log.join(''), { timeout: 20_000 }).toContain('"to":"ready"');
  worker.kill('SIGINT');
  expect((await worker).exitCode).toBe(0);
});

it('`up` ends with one sentence when its Redis has gone', async () => {
  const { redis } = JSON.parse(note()) as { redis: string };
  process.kill(findServer(redis), 'SIGKILL');
  const ended = await Promise.race([fleet, delay(25_000, null, { ref: false })]);
  expect(ended?.exitCode).toBe(125);
  expect(textOf(ended?.stderr ?? new Uint8Array())).toContain('The private Redis has ended');
});

/** The server renames itself after its socket's path, in whose folder it works. */
function findServer(socket: string): number {
  const found = readdirSync('/proc').find((pid) => /^\d+$/.test(pid) && workingFolder(pid) === join(socket, '..'));
  return Number(found);
}

function workingFolder(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return ''; // it has ended meanwhile, or is not ours
  }
}
