import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OneWorker, startOneWorker } from './support/one-worker.ts';
import { patientLocks } from '../../../tests/support/worker.ts';
import { leastOf } from '../../../tests/support/least-of.ts';

const wait = { timeoutMs: 20_000 };
const mebibyte = 1_048_576;
const script = (text: string) => ({ argv: ['bash', '-c', text] });
const largeLimits = { limits: { fileSizeBytes: 40 * mebibyte, diskBytes: 40 * mebibyte } };

let fleet: OneWorker;

beforeAll(async () => {
  fleet = await startOneWorker(patientLocks);
});

afterAll(() => fleet?.close());

const run = async (commands: readonly { argv: string[] }[], collect: string[] = []) =>
  (await fleet.client.submit({ profile: 'bash', commands: [...commands], collect, ...largeLimits })).result(wait);

const residentBytes = (): number => {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${fleet.worker.pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
};

test('a file beyond the output budget is refused, however well its bytes would hide in JSON', async () => {
  const result = await run([script('head -c 31M /dev/zero > zeros')], ['zeros']);
  expect(result.files).toEqual([{ state: 'refused', path: 'zeros', reason: 'too-large' }]);
});

test.each([
  ['NUL characters', 'head -c 8388608 /dev/zero > out'],
  ['text', 'yes "a line of text" | head -c 8388608 > out'],
])('8 MiB of %s arrive whole, and a neighbour hardly notices', async (_what, text) => {
  /** The longest that a neighbour waited while the large job ran. */
  const measure = async (): Promise<number> => {
    const latenciesMs: number[] = [];
    let isOver = false;
    const over = run([script(text)], ['out']).finally(() => (isOver = true));
    over.catch(() => {}); // heard of when it is awaited
    while (!isOver) {
      const started = performance.now();
      await run([script('echo neighbour')]);
      latenciesMs.push(performance.now() - started);
    }
    const result = await over;
    expect(result.files[0]).toMatchObject({ state: 'collected', bytes: 8 * mebibyte });
    const stored = await fleet.direct.strlen(`{bullpen}:bullpen/result:${result.jobId}`);
    expect(stored).toBeLessThan(12 * mebibyte);
    return Math.max(...latenciesMs);
  };
  expect(await leastOf(1000, measure)).toBeLessThan(1000);
});

test('what a program writes beyond its cap is not kept anywhere', async () => {
  const flood = script('head -c 10M /dev/zero');
  for (let warm = 0; warm < 10; warm += 1) await run([flood]);
  const before = residentBytes();
  for (let job = 0; job < 20; job += 1) {
    const result = await run([flood]);
    expect(result.commands[0]).toMatchObject({ outcome: { kind: 'output-exceeded' }, stdout: { bytesKept: mebibyte } });
  }
  expect(residentBytes() - before).toBeLessThan(16 * mebibyte);
});
