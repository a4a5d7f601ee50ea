import { describe, expect, test } from 'vitest';
import { cacheDigest, type CacheFacts } from '../../src/cache/cache-digest.ts';
import { type JobPlan, planJob } from '../../src/job/plan-job.ts';
import { makeLiteralProfiles, makeMessage } from '../support/literal-profiles.ts';

const command = { argv: ['bash', '-c', 'true'], stdin: 'in', env: { A: 'a', B: 'b' } };
const job = {
  files: [
    { path: 'one', content: 'Ä' },
    { path: 'two', content: 'two', mode: 0o755 },
  ],
  directories: ['d', 'e'],
  commands: [command, { argv: ['true'] }],
  limits: { wallTimeMs: 1000 },
  collect: ['out', 'log'],
  cache: { scope: 's' },
};
const facts: CacheFacts = {
  jailer: '1.2',
  kernel: '6.1',
  architecture: 'x64',
  mode: 'root',
  layers: ['identity', 'seccomp'],
};
const plan = (changes: object = {}): JobPlan =>
  planJob(makeLiteralProfiles(), makeMessage({ ...job, ...changes }), Date.now());
const digest = (changes: object = {}): string => cacheDigest(plan(changes), facts);
const base64 = (text: string) => ({ base64: Buffer.from(text).toString('base64') });

test('a digest is a SHA-256, the same each time', () => {
  expect(digest()).toMatch(/^[0-9a-f]{64}$/);
  expect(digest()).toBe(digest());
});

describe('every part that can change a result changes the digest:', () => {
  const [one, two] = job.files;
  const [first, second] = job.commands;
  test.each<[string, object]>([
    ['a file’s path', { files: [{ ...one, path: 'other' }, two] }],
    ['a file’s bytes', { files: [{ ...one, content: 'ä' }, two] }],
    ['a file’s mode', { files: [{ ...one, mode: 0o600 }, two] }],
    ['the order of files, which a listing shows', { files: [two, one] }],
    ['a file less', { files: [one] }],
    ['a directory', { directories: ['d'] }],
    ['argv', { commands: [{ ...command, argv: ['bash', '-c', 'false'] }, second] }],
    ['where an argument ends', { commands: [{ ...command, argv: ['bash', '-c true'] }, second] }],
    ['stdin', { commands: [{ ...command, stdin: 'in\n' }, second] }],
    ['a variable', { commands: [{ ...command, env: { A: 'a', B: 'c' } }, second] }],
    ['a limit of a command', { commands: [{ ...command, limits: { openFiles: 9 } }, second] }],
    ['stopOnFailure', { commands: [{ ...command, stopOnFailure: false }, second] }],
    ['the order of commands', { commands: [second, first] }],
    ['a command less', { commands: [first] }],
    ['a limit of the job', { limits: { wallTimeMs: 1001 } }],
    ['the size of the disk', { limits: { wallTimeMs: 1000, diskBytes: 1_000_000 } }],
    ['the files of the disk', { limits: { wallTimeMs: 1000, diskFiles: 999 } }],
    ['what is collected', { collect: ['out'] }],
    ['the scope', { cache: { scope: 't' } }],
    ['no scope', { cache: {} }],
  ])('%s', (_what, changes) => {
    expect(digest(changes)).not.toBe(digest());
  });

  test.each<[string, (plan: JobPlan) => JobPlan['profile']]>([
    ['the profile as resolved here', ({ profile }) => ({ ...profile, digest: 'e'.repeat(64) })],
    ['the toolchain', ({ profile }) => ({ ...profile, toolchainVersion: 'GNU bash, version 5.3' })],
  ])('%s', (_what, change) => {
    expect(cacheDigest({ ...plan(), profile: change(plan()) }, facts)).not.toBe(digest());
  });

  test.each<[keyof CacheFacts, Partial<CacheFacts>]>([
    ['jailer', { jailer: '1.3' }],
    ['kernel', { kernel: '6.2' }],
    ['architecture', { architecture: 'arm64' }],
    ['mode', { mode: 'userns' }],
    ['layers', { layers: ['identity', 'seccomp', 'cgroup'] }],
  ])('the worker’s %s', (_name, changes) => {
    expect(cacheDigest(plan(), { ...facts, ...changes })).not.toBe(digest());
  });
});

describe('nothing else does:', () => {
  test.each<[string, object]>([
    ['who asks', { id: 'mine', labels: { a: 'b' } }],
    ['how it is queued', { priority: 'batch', attempts: 9, expiresAt: '2100-01-01T00:00:00Z' }],
    ['what it requires, which the receipt answers', { requires: ['seccomp'] }],
    ['how content is encoded', { files: [{ path: 'one', content: base64('Ä') }, job.files[1]] }],
    ['how stdin is encoded', { commands: [{ ...command, stdin: base64('in') }, job.commands[1]] }],
    [
      'the order of fields',
      {
        files: [
          { content: 'Ä', path: 'one' },
          { mode: 0o755, content: 'two', path: 'two' },
        ],
      },
    ],
    ['what is as it would be anyway', { files: [{ ...job.files[0], mode: 0o644 }, job.files[1]] }],
    [
      'where a limit is said',
      { limits: {}, commands: job.commands.map((each) => ({ ...each, limits: { wallTimeMs: 1000 } })) },
    ],
  ])('%s', (_what, changes) => {
    expect(digest(changes)).toBe(digest());
  });

  test('in which order layers are told', () => {
    expect(cacheDigest(plan(), { ...facts, layers: ['seccomp', 'identity'] })).toBe(digest());
  });
});
