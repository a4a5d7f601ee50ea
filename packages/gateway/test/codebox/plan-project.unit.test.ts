import { codeboxCompilerLimits } from '@bullpen/profiles';
import { describe, expect, test } from 'vitest';
import { resolveCodeboxOptions } from '../../src/codebox/codebox-options.ts';
import { makeProjectJob, planCommands } from '../../src/codebox/plan-project.ts';
import type { ProjectCommand } from '../../src/codebox/project.ts';

const options = resolveCodeboxOptions({});
const command = (over: Partial<ProjectCommand> = {}): ProjectCommand => ({
  words: ['/bin/true'],
  stdin: '',
  timeoutSeconds: 0.2,
  ...over,
});

describe('a command that is answered without running', () => {
  test.for<[what: string, command: ProjectCommand, exitCode: number, stderr: string]>([
    ['no word', command({ words: [] }), 255, ''],
    ['a NUL', command({ words: ['echo', 'a\0b'] }), -1, 'embedded null byte'],
    [
      'a word without UTF-8',
      command({ words: ['\ud800'] }),
      -1,
      "'utf-8' codec can't encode character '\\ud800' in position 0: surrogates not allowed",
    ],
    [
      'a stdin without UTF-8',
      command({ stdin: 'ab\ud800' }),
      -1,
      "'utf-8' codec can't encode character '\\ud800' in position 2: surrogates not allowed",
    ],
    ['no time', command({ timeoutSeconds: 0 }), -1, 'Timeout Error. Exceeded 0.0s'],
    ['less than no time', command({ timeoutSeconds: -1 }), -1, 'Timeout Error. Exceeded -1.0s'],
    ['no time for no word', command({ words: [], timeoutSeconds: 0 }), -1, 'Timeout Error. Exceeded 0.0s'],
    ['no time for a NUL', command({ words: ['\0'], timeoutSeconds: 0 }), -1, 'embedded null byte'],
  ])('%s', ([, given, exitCode, stderr]) => {
    const planned = planCommands([given]);
    const answer = { stdout: '', stderr, exit_code: exitCode, elapsed_time: 0 };
    expect(planned).toEqual([{ kind: 'answered', answer }]);
    expect(makeProjectJob([], planned, options)).toBeNull();
  });
});

describe('the wall time of a command', () => {
  test.for<[timeoutSeconds: number | null, wallTimeMs: number]>([
    [0.2, 200],
    [1e-5, 1],
    [0.29, 290],
    [600, 600_000],
    [600.001, 600_000],
    [Infinity, 600_000],
    [null, 600_000],
  ])('a timeout of %s s is %i ms', ([timeoutSeconds, wallTimeMs]) => {
    const job = makeProjectJob([], planCommands([command({ timeoutSeconds })]), options);
    expect(job?.commands[0]?.limits).toEqual({ wallTimeMs });
  });
});

test('commands that run share one job, in their order, and go on after one that failed', () => {
  const planned = planCommands([
    command({ words: ['/venv/bin/python', '/venv/bin/python'], stdin: '1\r\n2' }),
    command({ words: [] }),
    command({ words: ['/usr/local/cargo/bin/rustc', 'code.rs'] }),
    command({ words: ['./code'] }),
    command({ words: ['constructor'] }),
  ]);
  const job = makeProjectJob([{ path: 'code.rs', content: 'fn main() {}' }], planned, options);
  expect(job).toMatchObject({
    profile: 'codebox',
    priority: 'interactive',
    files: [{ path: 'code.rs', content: 'fn main() {}' }],
  });
  expect(job?.commands.map(({ argv, stdin, stopOnFailure }) => ({ argv, stdin, stopOnFailure }))).toEqual([
    { argv: ['python3', '/venv/bin/python'], stdin: '1\r\n2', stopOnFailure: false },
    { argv: ['rustc', 'code.rs'], stdin: '', stopOnFailure: false },
    { argv: ['./code'], stdin: '', stopOnFailure: false },
    { argv: ['constructor'], stdin: '', stopOnFailure: false },
  ]);
});

test('the compiler has limits and a directory of its own, and its output has not', () => {
  const words = [
    ['/usr/local/cargo/bin/rustc', 'code.rs'],
    ['/usr/bin/rustc', 'code.rs'],
    ['./code'],
    ['rustc-is-not'],
  ];
  const job = makeProjectJob(
    [],
    planCommands(words.map((each) => command({ words: each, timeoutSeconds: 0.5 }))),
    options,
  );
  const ofCompiler = { limits: { ...codeboxCompilerLimits, wallTimeMs: 500 }, env: { TMPDIR: '/tmp' } };
  const ofOthers = { limits: { wallTimeMs: 500 } };
  const given = job?.commands.map(({ limits, env }) => (env === undefined ? { limits } : { limits, env }));
  expect(given).toEqual([ofCompiler, ofCompiler, ofOthers, ofOthers]);
});

describe('the output of one answer is bounded', () => {
  test.for<[commands: number, asked: number | undefined, outputBytes: number | undefined]>([
    [1, undefined, undefined],
    [8, undefined, undefined],
    [9, undefined, 932_067],
    [64, undefined, 131_072],
    [64, 1000, 1000],
    [1, 16_777_216, 8_388_608],
  ])('%i commands with %s bytes each by the operator get %s', ([count, asked, outputBytes]) => {
    const limits = asked === undefined ? {} : { outputBytes: asked };
    const commands = planCommands(Array.from({ length: count }, () => command()));
    expect(makeProjectJob([], commands, { ...options, limits })?.limits?.outputBytes).toBe(outputBytes);
  });
});
