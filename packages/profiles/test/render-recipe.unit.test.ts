import { describe, expect, test } from 'vitest';
import { renderRecipe } from '../src/render-recipe.ts';
import { makeProfile } from './example-profile.ts';

const compiled = makeProfile({
  recipe: [
    { argv: ['cc', '-o', '{stem}', '{entry}', '-m{memoryMiB}'], limits: { wallTimeMs: 5000 } },
    { argv: ['./{stem}', '{args}'], takesStdin: true, stopOnFailure: false },
  ],
});

test('fills entry, stem, arguments and memory, and gives stdin to the command that takes it', () => {
  expect(renderRecipe(compiled, { entry: 'src/main.c', args: ['a b', '{entry}'], stdin: 'in' })).toEqual([
    {
      argv: ['cc', '-o', 'src/main', 'src/main.c', '-m256'],
      stdin: '',
      limits: { wallTimeMs: 5000 },
      stopOnFailure: true,
    },
    { argv: ['./src/main', 'a b', '{entry}'], stdin: 'in', limits: {}, stopOnFailure: false },
  ]);
});

test('leaves arguments out when there are none, and keeps bytes as they are', () => {
  const [command] = renderRecipe(makeProfile(), { entry: 'x.ex', stdin: { base64: '/w==' } });
  expect(command).toMatchObject({ argv: ['example', 'x.ex'], stdin: { base64: '/w==' } });
});

test('tells a runtime the memory that the job asks for', () => {
  expect(renderRecipe(compiled, { entry: 'a.c', memoryBytes: 1_073_741_824 })[0]?.argv.at(-1)).toBe('-m1024');
});

describe('refuses an entry', () => {
  test.each([
    ['', 'the entry must name a file, got an empty name'],
    ['/etc/passwd', 'the entry must be a plain path below the work directory, got "/etc/passwd"'],
    ['a/../b.c', 'the entry must be a plain path below the work directory, got "a/../b.c"'],
    ['./a.c', 'the entry must be a plain path below the work directory, got "./a.c"'],
    ['a//b.c', 'the entry must be a plain path below the work directory, got "a//b.c"'],
    ['-rf.c', 'the entry must not start with "-" or "@", got "-rf.c": rename the file'],
    ['@options.c', 'the entry must not start with "-" or "@", got "@options.c": rename the file'],
    [
      'main',
      'the entry must have an extension for profile example, got "main": its compiled program would overwrite it',
    ],
    ['.c', 'the entry must have an extension for profile example, got ".c": its compiled program would overwrite it'],
  ])('%j', (entry, sentence) => {
    expect(() => renderRecipe(compiled, { entry })).toThrow(sentence);
  });

  test('not for a missing extension where nothing is compiled', () => {
    expect(renderRecipe(makeProfile(), { entry: 'main' })[0]?.argv).toEqual(['example', 'main']);
  });
});
