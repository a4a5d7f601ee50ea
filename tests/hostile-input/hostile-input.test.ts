import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { processorMs } from '../support/processor-time.ts';
import { type Fleet, startFleet } from '../support/fleet.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet();
});
afterAll(() => fleet?.close());

const commands = [{ argv: ['true'] }];
/** The one sentence with which a job is refused. */
async function refusal(job: unknown): Promise<{ code: string; message: string }> {
  const error = await fleet.client.submit(job as Parameters<Fleet['client']['submit']>[0]).then(
    () => new Error('it was accepted'),
    (reason: unknown) => reason as Error,
  );
  return { code: (error as Error & { code?: string }).code ?? 'none', message: error.message };
}

describe('a job is refused with its code and one sentence', () => {
  test.for<[what: string, code: string, sentence: RegExp, job: unknown]>([
    ['no object', 'invalid-job', /./, 'a string'],
    ['no command', 'invalid-job', /commands/, { profile: 'bash', commands: [] }],
    ['an unknown field', 'invalid-job', /colour/, { profile: 'bash', commands, colour: 'blue' }],
    ['an unknown profile', 'unknown-profile', /no-such/, { profile: 'no-such', commands }],
    [
      'a limit above its ceiling',
      'limit-above-ceiling',
      /memoryBytes/,
      { profile: 'bash', commands, limits: { memoryBytes: 60_000_000_000 } },
    ],
    [
      'a command’s limit above its ceiling',
      'limit-above-ceiling',
      /wallTimeMs/,
      { profile: 'bash', commands: [{ argv: ['true'], limits: { wallTimeMs: 3_600_000 } }] },
    ],
    ['a NUL in an argument', 'invalid-job', /argv/, { profile: 'bash', commands: [{ argv: ['a\0b'] }] }],
    [
      'a NUL in the environment',
      'invalid-job',
      /env/,
      { profile: 'bash', commands: [{ argv: ['true'], env: { A: 'b\0c' } }] },
    ],
    ['a NUL in a path', 'invalid-job', /path/, { profile: 'bash', commands, files: [{ path: 'a\0b', content: '' }] }],
    [
      'an absolute path',
      'invalid-job',
      /path/,
      { profile: 'bash', commands, files: [{ path: '/etc/passwd', content: '' }] },
    ],
    [
      'a path with ..',
      'invalid-job',
      /path/,
      { profile: 'bash', commands, files: [{ path: 'a/../../b', content: '' }] },
    ],
    [
      'a name of 300 characters',
      'invalid-job',
      /path/,
      { profile: 'bash', commands, files: [{ path: 'x'.repeat(300), content: '' }] },
    ],
    [
      'a path of 10,000 folders',
      'invalid-job',
      /path/,
      { profile: 'bash', commands, files: [{ path: `${'d/'.repeat(10_000)}a`, content: '' }] },
    ],
    [
      'a path twice',
      'invalid-job',
      /path/,
      {
        profile: 'bash',
        commands,
        files: [
          { path: 'a', content: '' },
          { path: 'a', content: '' },
        ],
      },
    ],
    [
      'bad base64',
      'invalid-job',
      /base64/,
      { profile: 'bash', commands, files: [{ path: 'a', content: { base64: '*' } }] },
    ],
    [
      'the setuid bit',
      'invalid-job',
      /mode/,
      { profile: 'bash', commands, files: [{ path: 'a', content: '', mode: 0o4755 }] },
    ],
    [
      '100,000 arguments',
      'invalid-job',
      /argv/,
      { profile: 'bash', commands: [{ argv: Array.from({ length: 100_000 }, () => 'x') }] },
    ],
    [
      'an argument of a megabyte',
      'invalid-job',
      /argv/,
      { profile: 'bash', commands: [{ argv: ['x'.repeat(1_000_000)] }] },
    ],
  ])('%s: %s', async ([, code, sentence, job]) => {
    const refused = await refusal(job);
    expect(refused.code).toBe(code);
    expect(refused.message).toMatch(sentence);
    expect(refused.message.split('\n').length).toBe(1);
  });

  test('100,000 files, at once and without looking at each', async () => {
    const files = Array.from({ length: 100_000 }, (_, i) => ({ path: `f${i}`, content: '' }));
    const spentMs = await processorMs(async () => {
      expect(await refusal({ profile: 'bash', commands, files })).toMatchObject({
        code: 'invalid-job',
        message: expect.stringMatching(/at most 2000 files/),
      });
    });
    expect(spentMs).toBeLessThan(1000);
  });
});

describe('what a job may bring', () => {
  test('10 MB of stdin reach the program', async () => {
    const stdin = 'abcdefgh'.repeat(1_250_000);
    const result = await fleet.run({ profile: 'bash', commands: [{ argv: ['md5sum'], stdin }] });
    expect(result.commands[0]?.stdout.data).toBe(`${createHash('md5').update(stdin).digest('hex')}  -\n`);
  });

  test('2,000 files in deep folders reach the program', async () => {
    const files = Array.from({ length: 2000 }, (_, i) => ({ path: `d/${'e/'.repeat(i % 30)}f${i}`, content: `${i}` }));
    const result = await fleet.run({
      profile: 'bash',
      files,
      commands: [{ argv: ['bash', '-c', 'find . -type f | wc -l'] }],
    });
    expect(result.commands[0]?.stdout.data).toBe('2000\n');
  });

  test('output that is no UTF-8 comes back byte for byte', async () => {
    const { report } = await fleet.probe('raw-bytes');
    expect(report.stdout).toMatchObject({
      encoding: 'base64',
      data: Buffer.from([0xff, 0xfe, 0, 0x80]).toString('base64'),
    });
  });
});

describe('a program that cannot be started', () => {
  test.for<[what: string, argv: string, content: string, mode: number, reason: string]>([
    ['is missing', './nothing', '', 0o755, 'program-not-found'],
    ['has a missing interpreter', './a', '#!/nowhere/interpreter\n', 0o755, 'program-not-found'],
    ['has no interpreter and no known format', './a', 'just text', 0o755, 'program-format-unknown'],
    ['is a damaged binary', './a', '\x7fELF\x02\x01', 0o755, 'program-format-unknown'],
    ['is not executable', './a', '#!/bin/bash\n', 0o644, 'program-not-executable'],
    ['is a directory', './.', '', 0o755, 'program-not-executable'],
  ])('%s: not-started, $4', async ([, argv, content, mode, reason]) => {
    const result = await fleet.run({
      profile: 'bash',
      files: [{ path: 'a', content, mode }],
      commands: [{ argv: [argv] }],
    });
    expect(result.commands[0]?.outcome).toEqual({ kind: 'not-started', reason });
  });
});
