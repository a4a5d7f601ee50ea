import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { startCli } from './support/run-cli.ts';
import { makeScratch } from './support/scratch.ts';

const scratch = makeScratch();
afterAll(() => scratch.remove());

/** What a fleet of ours has on this host: processes, the folders of Redis and of workers. */
function traces(): string[] {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => `${pid} ${readCommandLine(pid)}`)
    .filter((line) => /redis-server|valkey-server|bullpen-jailer|worker\/src\/main/.test(line));
  const folders = [tmpdir(), '/run'].flatMap((parent) =>
    readdirSync(parent).filter((name) => /^bullpen-(redis-|\d)/.test(name) && name !== `bullpen-${process.getuid?.()}`),
  );
  return [...processes, ...folders].toSorted();
}

function readCommandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ''; // it has ended meanwhile
  }
}

it.each([
  ['SIGINT', 200],
  ['SIGINT', 600],
  ['SIGINT', 1000],
  ['SIGHUP', 600],
  ['SIGHUP', 1000],
  ['SIGTERM', 800],
  ['SIGQUIT', 800],
] as const)('%s after %d ms of run leaves nothing behind', async (signal, afterMs) => {
  const before = traces();
  const running = startCli(['run', scratch.write('endless.sh', 'sleep 600')]);
  await delay(afterMs);
  running.kill(signal);
  const { exitCode, signal: endedBy } = await running;
  // Before our first line of code ran, the signal ends the process itself.
  expect(endedBy ?? exitCode).toBe(endedBy === undefined ? 130 : signal);
  await expect.poll(() => added(before), { timeout: 5000 }).toEqual([]);
});

it('a killed command leaves at most a folder of Redis, until the next start', async () => {
  const before = traces();
  const killed = startCli(['run', scratch.write('endless.sh', 'sleep 600')]);
  await expect
    .poll(() => added(before).some((name) => name.startsWith('bullpen-redis-')), { timeout: 10_000 })
    .toBe(true);
  await delay(600);
  killed.kill('SIGKILL');
  await killed;
  await expect
    .poll(() => added(before).filter((name) => !name.startsWith('bullpen-redis-')), { timeout: 6000 })
    .toEqual([]);
  await startCli(['run', scratch.write('one.sh', 'echo 1')]);
  await expect.poll(() => added(before), { timeout: 5000 }).toEqual([]);
});

it('demo says one line', async () => {
  const running = startCli(['demo', '--jobs', '5000']);
  await delay(4000);
  running.kill('SIGINT');
  const { exitCode, stdout } = await running;
  expect(Buffer.from(stdout).toString()).toBe('');
  expect(exitCode).toBe(130);
});

function added(before: readonly string[]): string[] {
  return traces().filter((trace) => !before.includes(trace));
}
