import { createCatalog } from '@bullpen/profiles';
import type { Outcome } from '@bullpen/protocol';
import { expect, it } from 'vitest';
import { explainOutcome } from '../../src/job/explain-outcome.ts';

const standard = createCatalog().get('c')?.defaults;
if (standard === undefined) throw new Error('the profile c is gone');
const limits = { ...standard, wallTimeMs: 500, cpuTimeMs: 2000, memoryBytes: 67_108_864, outputBytes: 1024 };

const whole = { encoding: 'utf8', data: '', bytesKept: 0, bytesSeen: 0, truncated: false } as const;
const cut = { ...whole, bytesSeen: 1025, truncated: true };

const sentences: readonly (readonly [Outcome, string | null])[] = [
  [{ kind: 'exited', exitCode: 1 }, null],
  [{ kind: 'skipped' }, null],
  [{ kind: 'signaled', signal: 'SIGSEGV' }, 'The program was ended by SIGSEGV.'],
  [
    { kind: 'wall-time-exceeded' },
    'The program was ended: it ran longer than its 500 ms of time (raise it with --timeout).',
  ],
  [
    { kind: 'cpu-time-exceeded' },
    'The program was ended: it used more than its 2 s of CPU time (raise it with --limit cpuTimeMs=N).',
  ],
  [
    { kind: 'memory-exceeded' },
    'The program was ended: it used more than its 64 MiB of memory (raise it with --memory).',
  ],
  [
    { kind: 'output-exceeded' },
    'The program was ended: it wrote more than its 1 KiB of output (raise it with --limit outputBytes=N).',
  ],
  [
    { kind: 'not-started', reason: 'program-not-found' },
    'The program could not be started: there is no such program in the jail.',
  ],
  [{ kind: 'cancelled' }, 'The program was cancelled.'],
];

it.each(sentences)('%j', (outcome, sentence) => {
  expect(explainOutcome({ outcome, stdout: whole, stderr: cut }, limits)).toBe(sentence);
});

it('names no bound that it does not know', () => {
  expect(explainOutcome({ outcome: { kind: 'memory-exceeded' }, stdout: whole, stderr: whole }, null)).toContain(
    'more than its limit of memory',
  );
});

it('tells files beyond the limits of the disk from output, of which nothing was cut', () => {
  expect(explainOutcome({ outcome: { kind: 'output-exceeded' }, stdout: whole, stderr: whole }, limits)).toBe(
    'The program was ended: its files were more than its limits of the disk (raise them with --limit diskBytes=N or diskFiles=N).',
  );
});
