import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunOutput } from '../ts/types.ts';
import { openJail, shell, startTestJailer, type TestJailer } from './support/start.ts';

let jailer: TestJailer;
beforeAll(async () => {
  jailer = await startTestJailer();
});
afterAll(async () => {
  await jailer.close();
  jailer.files.remove();
});

const textOf = ({ bytes }: RunOutput): string => Buffer.from(bytes).toString();

test('output is told while the program runs, each stream from its beginning', async () => {
  const jail = await openJail(jailer);
  const stop = new AbortController();
  const told: RunOutput[] = [];
  // The program would go on for ever: only what it wrote can have ended it.
  const report = await jail.run(shell('echo one; echo two >&2; echo three; sleep 60'), {
    signal: stop.signal,
    onOutput: (output) => {
      told.push(output);
      if (told.some(({ stream, bytes }) => stream === 'stdout' && bytes.length === 10)) stop.abort();
    },
  });
  expect(report.endedBy).toBe('kill');
  expect(
    told
      .filter(({ stream }) => stream === 'stdout')
      .map(textOf)
      .at(-1),
  ).toBe('one\nthree\n');
  expect(told.filter(({ stream }) => stream === 'stderr').map(textOf)).toEqual(['two\n']);
});

test('what was told stays as it was, and never exceeds the limit', async () => {
  const jail = await openJail(jailer);
  const told: { readonly bytes: Uint8Array; readonly length: number }[] = [];
  const report = await jail.run(shell('head -c 3000000 /dev/urandom', { limits: { outputBytes: 2_500_000 } }), {
    onOutput: ({ bytes }) => told.push({ bytes, length: bytes.length }),
  });
  const all = Buffer.from(report.stdout.bytes);
  expect(all.length).toBe(2_500_000);
  expect(told.at(-1)?.length).toBe(2_500_000);
  expect(told.every(({ bytes, length }) => all.subarray(0, length).equals(bytes))).toBe(true);
});
