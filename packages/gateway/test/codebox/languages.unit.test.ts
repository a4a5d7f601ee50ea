import type { Client, JobToSubmit } from '@bullpen/client';
import { type CommandReport, encodeBytes, makeUnrunReport, type Outcome } from '@bullpen/protocol';
import { expect, test, vi } from 'vitest';
import { resolveCodeboxOptions } from '../../src/codebox/codebox-options.ts';
import { createLanguages } from '../../src/codebox/languages.ts';

function report(said: string, outcome: Outcome = { kind: 'exited', exitCode: 0 }): CommandReport {
  const unrun = makeUnrunReport('skipped');
  return { ...unrun, outcome, stdout: { ...unrun.stdout, ...encodeBytes(Buffer.from(said)) } };
}

const python = report('Python 3.11.2\n');
const rust = report('rustc 1.63.0 (4b91a6ea7 2022-08-08)\n');
const sqlite = report('3.40.1 2022-12-28 14:03:47 df5c253c0b3dd24916e4ec7cf77d3db5294cc9fd\n');
const bash = report('GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)\nCopyright\n');
const missing = report('', { kind: 'not-started', reason: 'program-not-found' });

function languagesOf(commands: readonly CommandReport[], languagesTtlMs = 60_000) {
  const submit = vi.fn<(job: JobToSubmit) => Promise<unknown>>(() =>
    Promise.resolve({ result: () => Promise.resolve({ commands }) }),
  );
  const client = { submit } as unknown as Client;
  return { submit, ask: createLanguages(client, resolveCodeboxOptions({ languagesTtlMs })) };
}

test('one job asks each program for its version', async () => {
  const { submit, ask } = languagesOf([python, rust, sqlite, bash]);
  expect(await ask()).toEqual({ python: '3.11.2', rust: '1.63.0', sqlite3: '3.40.1', bash: '5.2.15(1)-release' });
  const commands = submit.mock.calls[0]?.[0].commands;
  expect(commands?.map(({ argv }) => argv)).toEqual([
    ['python3', '--version'],
    ['rustc', '--version'],
    ['sqlite3', '--version'],
    ['bash', '--version'],
  ]);
  expect(commands?.every(({ stopOnFailure }) => stopOnFailure === false)).toBe(true);
});

test('a program that is missing, fails or says nothing is left out', async () => {
  const failing = report('rustc 1.63.0', { kind: 'exited', exitCode: 1 });
  expect(await languagesOf([missing, failing, report(''), bash]).ask()).toEqual({ bash: '5.2.15(1)-release' });
});

test('those who ask at once, and those who ask soon, share one answer', async () => {
  const { submit, ask } = languagesOf([python, rust, sqlite, bash]);
  await Promise.all([ask(), ask()]);
  await ask();
  expect(submit).toHaveBeenCalledOnce();
});

test('an answer that is old is asked for again', async () => {
  const { submit, ask } = languagesOf([python, rust, sqlite, bash], 0);
  await ask();
  await ask();
  expect(submit).toHaveBeenCalledTimes(2);
});
