import { createHash } from 'node:crypto';
import type { CollectedFile, Outcome, Result } from '@bullpen/protocol';
import { describe, expect, test } from 'vitest';
import type { JobToSubmit } from '../../src/job-to-submit.ts';
import { withoutNonce } from '../../src/codejail/answer-nonce.ts';
import { makeSafeExecJob, type SafeExecRequest } from '../../src/codejail/make-safe-exec-job.ts';
import { defaultPolicy, safeExecCommand } from '../../src/codejail/policy.ts';
import { readSafeExec } from '../../src/codejail/read-safe-exec.ts';

const secret = Buffer.alloc(32, 1);
const request: SafeExecRequest = {
  codeJson: '"x = 1"',
  globalsJson: '{"a": NaN}',
  limits: { fileSizeBytes: 0, wallTimeMs: 1000 },
  command: safeExecCommand(defaultPolicy),
};

function stdinOf({ commands }: JobToSubmit): string {
  const stdin = commands[0]?.stdin;
  if (typeof stdin !== 'string') throw new Error('The job has no stdin of text.');
  return stdin;
}

describe('the job', () => {
  test('is the same for the same call, and marked with another nonce for any other', () => {
    const nonceOf = (change: Partial<SafeExecRequest>, key: Uint8Array = secret): unknown =>
      makeSafeExecJob({ ...request, ...change }, key).collect;
    expect(makeSafeExecJob(request, secret)).toEqual(makeSafeExecJob({ ...request }, secret));
    const nonces = [
      nonceOf({}),
      nonceOf({ codeJson: '"x = 2"' }),
      nonceOf({ globalsJson: '{"a": 1}' }),
      nonceOf({ files: [{ path: 'a', content: 'b' }] }),
      nonceOf({ files: [{ path: 'a', content: 'c' }] }),
      nonceOf({ pythonPath: ['a'] }),
      nonceOf({ limits: { ...request.limits, wallTimeMs: 2000 } }),
      nonceOf({ limits: { ...request.limits, fileSizeBytes: 10 } }),
      nonceOf({}, Buffer.alloc(32, 2)),
    ];
    expect(new Set(nonces.map(String)).size).toBe(nonces.length);
    expect(nonceOf({ slug: 'other' })).toEqual(nonceOf({}));
  });

  test('carries code and globals as they were written, the nonce and the name of its file', () => {
    const job = makeSafeExecJob(request, secret);
    const [nonce, path] = JSON.parse(`${stdinOf(job).split(',').slice(0, 2).join(',')}]`) as string[];
    expect(path).toBe(
      `.answer-${createHash('sha256')
        .update(nonce ?? '')
        .digest('hex')}`,
    );
    expect(job).toMatchObject({
      profile: 'codejail',
      directories: ['tmp'],
      collect: [path],
      commands: [{ argv: ['python3', '-I', '-S', '-B', 'jailed_code'], env: { TMPDIR: 'tmp' } }],
      limits: { wallTimeMs: 1000, fileSizeBytes: 8_388_608 },
    });
    expect(job.commands[0]?.stdin).toBe(`["${nonce}","${path}",0,[],"x = 1",{"a": NaN}]`);
  });

  test('has a long slug as far as a label goes', () => {
    expect(makeSafeExecJob({ ...request, slug: 'é'.repeat(300) }, secret).labels).toEqual({ slug: 'é'.repeat(256) });
  });
});

const job = makeSafeExecJob(request, secret);
const path = job.collect?.[0] ?? '';
const nonce = /^\["([0-9a-f]{64})"/.exec(stdinOf(job))?.[1] ?? '';
const usage = {
  wallTimeMs: 1,
  cpuTimeMs: 1,
  userTimeMs: 1,
  systemTimeMs: 0,
  peakMemoryBytes: 1,
  diskBytes: 0,
  diskFiles: 0,
};
const output = (data: string) => ({
  encoding: 'utf8' as const,
  data,
  bytesKept: data.length,
  bytesSeen: data.length,
  truncated: false,
});

function resultOf(outcome: Outcome, file: CollectedFile, state: Result['state'] = 'finished'): Result {
  const pressure = { processesRefused: 0, diskFull: false, oomKills: 0 };
  return {
    ...{ jobId: 'j', profile: 'codejail', state, files: [file], labels: {}, receipt: null, attempt: 1 },
    ...{ submittedAt: 0, startedAt: 0, finishedAt: 0 },
    commands: [{ outcome, stdout: output('{"x": 666}'), stderr: output("it's"), usage, pressure }],
  };
}

const collected = (data: string): CollectedFile => ({
  ...{ state: 'collected', path, mode: 0o600, encoding: 'utf8', data, bytes: data.length },
});
const exited = (exitCode: number): Outcome => ({ kind: 'exited', exitCode });
const good = collected(`${nonce}{"x":1}`);

describe('what became of it', () => {
  test('are the globals behind the nonce', () => {
    expect(readSafeExec(resultOf(exited(0), good))).toEqual({ kind: 'globals', globalsJson: '{"x":1}' });
  });

  test('is a failure whatever the file says when the status is not 0', () => {
    expect(readSafeExec(resultOf(exited(1), good))).toMatchObject({
      kind: 'exception',
      reason: 'failed',
      status: 1,
      message: 'Couldn\'t execute jailed code: stdout: b\'{"x": 666}\', stderr: b"it\'s" with status code: 1',
    });
    expect(readSafeExec(resultOf({ kind: 'wall-time-exceeded' }, good))).toMatchObject({
      reason: 'failed',
      status: -9,
    });
  });

  test.each<[string, CollectedFile]>([
    ['without a nonce', collected('{"x":1}')],
    ['with another nonce', collected(`${'0'.repeat(64)}{"x":1}`)],
    ['with half a nonce', collected(nonce.slice(0, 32))],
    ['with nothing behind the nonce', collected(nonce)],
    ['with no JSON', collected(`${nonce}{"x":`)],
    ['with no object', collected(`${nonce}[["x",1]]`)],
    ['that is not there', { state: 'refused', path, reason: 'missing' }],
    ['that is a link', { state: 'refused', path, reason: 'not-a-regular-file' }],
    ['that has other names', { state: 'refused', path, reason: 'has-other-links' }],
  ])('is no answer with a file %s', (_, file) => {
    expect(readSafeExec(resultOf(exited(0), file))).toMatchObject({
      kind: 'exception',
      reason: 'no-answer',
      status: 0,
    });
  });

  test('is told when the answer was too large', () => {
    const refused = { state: 'refused', path, reason: 'too-large' } as const;
    expect(readSafeExec(resultOf(exited(0), refused))).toMatchObject({ reason: 'answer-too-large' });
  });

  test('is told when the answer has more than a million values', () => {
    const list = (values: number): CollectedFile => collected(`${nonce}{"x":[${'1,'.repeat(values - 3)}1]}`);
    expect(readSafeExec(resultOf(exited(0), list(1_000_000))).kind).toBe('globals');
    expect(readSafeExec(resultOf(exited(0), list(1_000_001)))).toMatchObject({ reason: 'answer-too-large' });
  });

  test('is thrown when it was no doing of the code', () => {
    const notStarted = { kind: 'not-started', reason: 'program-not-found' } as const;
    expect(() => readSafeExec(resultOf(notStarted, good))).toThrow(
      'Python could not be started in profile codejail (program-not-found).',
    );
    expect(() => readSafeExec(resultOf(exited(0), good, 'cancelled'))).toThrow('Job j was cancelled.');
  });
});

test('a nonce counts only in the file that is named for it', () => {
  expect(withoutNonce(path, Buffer.from(`${nonce}abc`))).toBe('abc');
  expect(withoutNonce(`.answer-${'0'.repeat(64)}`, Buffer.from(`${nonce}abc`))).toBeNull();
});
