import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { makeOwnPlace } from './support/own-place.ts';
import { startCli } from './support/run-cli.ts';
import { makeScratch } from './support/scratch.ts';

const scratch = makeScratch();
const place = makeOwnPlace();
afterAll(() => {
  scratch.remove();
  place.remove();
});
const { env, traces } = place;
/** A start, on a busy machine. */
const within = { timeout: 25_000 };

it.each([
  ['SIGINT', 200],
  ['SIGINT', 600],
  ['SIGINT', 1000],
  ['SIGHUP', 600],
  ['SIGHUP', 1000],
  ['SIGTERM', 800],
  ['SIGQUIT', 800],
] as const)('%s after %d ms of run leaves nothing behind', { timeout: 60_000 }, async (signal, afterMs) => {
  const running = startCli(['run', scratch.write('endless.sh', 'sleep 600')], { env });
  await delay(afterMs);
  running.kill(signal);
  const { exitCode, signal: endedBy } = await running;
  // Before our first line of code ran, the signal ends the process itself.
  expect(endedBy ?? exitCode).toBe(endedBy === undefined ? 130 : signal);
  await expect.poll(traces, within).toEqual([]);
});

it('a killed command leaves at most a folder of Redis, until the next start', { timeout: 120_000 }, async () => {
  const killed = startCli(['run', scratch.write('endless.sh', 'sleep 600')], { env });
  await expect.poll(() => place.temporaryFiles().some((name) => name.startsWith('bullpen-redis-')), within).toBe(true);
  await delay(600);
  killed.kill('SIGKILL');
  await killed;
  await expect.poll(() => traces().filter((name) => !name.startsWith('bullpen-redis-')), within).toEqual([]);
  await startCli(['run', scratch.write('one.sh', 'echo 1')], { env });
  await expect.poll(traces, within).toEqual([]);
});

it('demo says one line', { timeout: 60_000 }, async () => {
  const running = startCli(['demo', '--jobs', '5000'], { env });
  await expect.poll(() => traces().some((trace) => trace.includes('bullpen-jailer --table')), within).toBe(true);
  await delay(1000);
  running.kill('SIGINT');
  const { exitCode, stdout } = await running;
  expect(Buffer.from(stdout).toString()).toBe('');
  expect(exitCode).toBe(130);
});
