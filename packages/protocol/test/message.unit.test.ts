import { describe, expect, test } from 'vitest';
import { BullpenError } from '../src/errors.ts';
import { jobDigest } from '../src/job-digest.ts';
import { parseMessage } from '../src/message.ts';
import { parseJob } from '../src/parse-job.ts';
import { makeJobInput } from './example-job.ts';

const job = parseJob(makeJobInput());

test('a message survives its way through JSON', () => {
  const message = { v: 1, job, submittedAt: 1_900_000_000_000 };
  expect(parseMessage(JSON.parse(JSON.stringify(message)))).toEqual(message);
});

describe('what is not a message is invalid-job, in one sentence', () => {
  test.each([
    ['x', 'the message must be an object, got "x"'],
    [undefined, 'the message is missing: it must be an object'],
    [{ v: 2, job, submittedAt: 0 }, 'v must be 1, got 2'],
    [{ v: 1, job: { ...job, profile: 7 }, submittedAt: 0 }, 'job.profile must be a string, got 7'],
    [{ v: 1, job }, 'submittedAt is missing: it must be a number'],
    [{ v: 1, job, submittedAt: 0, digest: 'x' }, 'digest must be 64 hexadecimal digits, got "x"'],
    [
      { v: 1, job: { ...job, commands: [{ argv: ['x'.repeat(99_000)] }] }, submittedAt: 0 },
      'commands[0].argv and its environment must have at most 98304 bytes together, got 99008: send long values as files or stdin',
    ],
  ])('%#', (value, sentence) => {
    expect(() => parseMessage(value)).toThrow(new BullpenError('invalid-job', sentence));
  });
});

test('equal jobs have equal digests', () => {
  const { profile, ...rest } = job;
  expect(jobDigest({ ...rest, profile })).toBe(jobDigest(job));
  expect(jobDigest({ ...job, attempts: 4 })).not.toBe(jobDigest(job));
  expect(jobDigest(job)).toMatch(/^[0-9a-f]{64}$/);
});
