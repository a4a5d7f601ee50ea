import { describe, expect, test } from 'vitest';
import { BullpenError } from '../src/errors.ts';
import { parseJob } from '../src/parse-job.ts';
import { makeJobInput } from './example-job.ts';

const command = { argv: ['x'] };

test('fills every default', () => {
  expect(parseJob(makeJobInput())).toEqual({
    profile: 'python',
    files: [],
    commands: [{ argv: ['python3', 'main.py'], stdin: '', env: {}, limits: {}, stopOnFailure: true }],
    limits: {},
    collect: [],
    labels: {},
    priority: 'interactive',
    attempts: 3,
  });
});

test('keeps 10 MB of stdin', () => {
  const stdin = 'x'.repeat(10_000_000);
  expect(parseJob(makeJobInput({ commands: [{ ...command, stdin }] })).commands[0]?.stdin).toBe(stdin);
});

describe('refuses with invalid-job and one sentence', () => {
  const long = 'x'.repeat(300);
  test.each<[unknown, string]>([
    [null, 'the job must be an object, got null'],
    ['job', 'the job must be an object, got "job"'],
    [{}, 'profile is missing: it must be a string'],
    [makeJobInput({ profile: 'No!' }), 'profile must be lower-case letters, digits and dashes, at most 32, got "No!"'],
    [{ ...makeJobInput(), image: 'x' }, 'the job must not have "image": no such field is known'],
    [
      makeJobInput({ id: '123' }),
      'id must be 1 to 128 letters, digits, dots, dashes or underscores, and not only digits, got "123"',
    ],
    [
      makeJobInput({ id: 'a:b' }),
      'id must be 1 to 128 letters, digits, dots, dashes or underscores, and not only digits, got "a:b"',
    ],
    [
      makeJobInput({ id: 'marker' }),
      'id must not be a name that the queue itself uses: add a word to it, got "marker"',
    ],
    [
      makeJobInput({ labels: JSON.parse('{"__proto__": "x"}') }),
      'labels must not have the name "__proto__": choose another',
    ],
    [
      makeJobInput({ commands: [command, { ...command, env: JSON.parse('{"__proto__": "x"}') }] }),
      'commands[1].env must not have the name "__proto__": choose another',
    ],
    [makeJobInput({ commands: [] }), 'commands must have at least 1 item, got 0'],
    [
      makeJobInput({ commands: Array.from({ length: 65 }, () => command) }),
      'commands must have at most 64 items, got 65',
    ],
    [makeJobInput({ commands: [{ argv: [] }] }), 'commands[0].argv must have at least 1 item, got 0'],
    [{ ...makeJobInput(), commands: [{ argv: 'ls -l' }] }, 'commands[0].argv must be an array, got "ls -l"'],
    [
      makeJobInput({ commands: [command, { argv: ['a\0b'] }] }),
      'commands[1].argv[0] must not contain a NUL character, got "a\\u0000b"',
    ],
    [
      makeJobInput({ commands: [{ argv: ['\ud800'] }] }),
      'commands[0].argv[0] must be well-formed Unicode, got "\\ud800"',
    ],
    [
      makeJobInput({ commands: [{ ...command, env: { 'A=B': '' } }] }),
      'a name in commands[0].env must be letters, digits and underscores, the first no digit, got "A=B"',
    ],
    [
      makeJobInput({ commands: [{ ...command, env: { A: '\0' } }] }),
      'commands[0].env.A must not contain a NUL character, got "\\u0000"',
    ],
    [
      makeJobInput({ commands: [{ ...command, stdin: { base64: 'no' } }] }),
      'commands[0].stdin.base64 must be base64 with padding, got "no"',
    ],
    [
      { ...makeJobInput(), commands: [{ ...command, stdin: 5 }] },
      'commands[0].stdin must be a text, or an object with base64, got 5',
    ],
    [
      makeJobInput({ commands: [{ ...command, limits: { wallTimeMs: 0 } }] }),
      'commands[0].limits.wallTimeMs must be at least 1, got 0',
    ],
    [
      { ...makeJobInput(), commands: [{ ...command, limits: { diskBytes: 1 } }] },
      'commands[0].limits must not have "diskBytes": no such field is known',
    ],
    [makeJobInput({ limits: { openFiles: 65_537 } }), 'limits.openFiles must be at most 65536, got 65537'],
    [{ ...makeJobInput(), limits: { network: true } }, 'limits must not have "network": no such field is known'],
    [
      makeJobInput({
        files: ['a', 'b', 'c'].map((path) => ({ path, content: '' })).concat({ path: '../x', content: '' }),
      }),
      'files[3].path must not contain "..", got "../x"',
    ],
    [
      makeJobInput({ files: Array.from({ length: 100_000 }, (_, n) => ({ path: `f${n}`, content: '' })) }),
      'files must have at most 2000 files, got 100000',
    ],
    [
      makeJobInput({ files: [{ path: 'a', content: 'x'.repeat(33_554_433) }] }),
      'files must hold at most 33554432 bytes together, got 33554433',
    ],
    [
      { ...makeJobInput(), files: [{ path: 'a' }] },
      'files[0].content is missing: it must be a text, or an object with base64',
    ],
    [
      makeJobInput({ collect: ['/etc/passwd'] }),
      'collect[0] must be relative to the work directory, got "/etc/passwd"',
    ],
    [
      makeJobInput({ labels: { a: long } }),
      `labels.a must have at most 256 characters, got "${'x'.repeat(80)}"... (300 characters)`,
    ],
    [
      makeJobInput({ labels: Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`l${n}`, ''])) }),
      'labels must have at most 32 entries, got 33',
    ],
    [{ ...makeJobInput(), priority: 'urgent' }, 'priority must be "interactive" or "batch", got "urgent"'],
    [makeJobInput({ attempts: 21 }), 'attempts must be at most 20, got 21'],
    [
      makeJobInput({ expiresAt: 'tomorrow' }),
      'expiresAt must be a UTC time such as 2030-01-31T12:00:00Z, got "tomorrow"',
    ],
    [
      makeJobInput({ commands: [command, { argv: ['y', 'x'.repeat(98_304)] }] }),
      'commands[1].argv and its environment must have at most 98304 bytes together, got 98321: send long values as files or stdin',
    ],
    [
      makeJobInput({ commands: [{ ...command, env: { A: 'x'.repeat(98_304) } }] }),
      'commands[0].argv and its environment must have at most 98304 bytes together, got 98323: send long values as files or stdin',
    ],
    [
      makeJobInput({ commands: [1, 2].map(() => ({ ...command, stdin: 'x'.repeat(16_777_217) })) }),
      'the stdin of all commands must have at most 33554432 bytes together, got 33554434: send large input as files',
    ],
  ])('%#', (job, sentence) => {
    const parsing = () => parseJob(job);
    expect(parsing).toThrow(new BullpenError('invalid-job', sentence));
    expect(parsing).toThrow(expect.objectContaining({ code: 'invalid-job' }));
    expect(sentence).not.toContain('\n');
  });
});
