import { describe, expect, test } from 'vitest';
import { directoriesOf, fileTreeBounds, fileTreeBytes, fileTreeSchema } from '../src/file-tree.ts';

const file = (path: string, content = ''): { path: string; content: string } => ({ path, content });

function problem(files: unknown): string | undefined {
  const issue = fileTreeSchema.safeParse(files).error?.issues[0];
  return issue && `${issue.path.join('.')} ${issue.message}`.trim();
}

test('a tree of text and bytes is accepted, and modes have a default', () => {
  expect(fileTreeSchema.parse([file('src/a.c'), { path: 'src/b', content: { base64: '/w==' }, mode: 0o755 }])).toEqual([
    { path: 'src/a.c', content: '', mode: 0o644 },
    { path: 'src/b', content: { base64: '/w==' }, mode: 0o755 },
  ]);
});

describe('refuses', () => {
  test.each([
    ['the same path twice', [file('a'), file('b'), file('a')], '2.path must differ from the path of every other file'],
    [
      'a file that is a directory of another',
      [file('a/b/c'), file('a/b')],
      '1.path must not be a directory of another file',
    ],
    ['a path outside', [file('../a')], '0.path must not contain ".."'],
    ['a setuid bit', [{ ...file('a'), mode: 0o4755 }], '0.mode must be permission bits, at most 511 (octal 777)'],
    ['too many files', Array.from({ length: 2001 }, (_, n) => file(`f${n}`)), 'must have at most 2000 files'],
    [
      'too many bytes',
      [file('a', 'x'.repeat(fileTreeBounds.bytes)), file('b', 'y')],
      'must hold at most 33554432 bytes together',
    ],
  ])('%s', (_what, files, expected) => {
    expect(problem(files)).toBe(expected);
  });

  test('nothing at its bounds', () => {
    expect(problem(Array.from({ length: 2000 }, (_, n) => file(`f${n}`)))).toBeUndefined();
    expect(problem([file('a', 'x'.repeat(fileTreeBounds.bytes))])).toBeUndefined();
    expect(problem([file('a'), file('ab/c'), file('a.b')])).toBeUndefined();
  });

  test('100,000 files by their number alone, before any of them is looked at', () => {
    let looks = 0;
    const trap = new Proxy(file('a'), {
      get: (target, key) => {
        looks += 1;
        return Reflect.get(target, key);
      },
    });
    const result = fileTreeSchema.safeParse(Array.from({ length: 100_000 }, () => trap));
    expect(result.error?.issues).toHaveLength(1);
    expect(looks).toBe(0);
  });
});

test('knows the directories that a tree needs', () => {
  expect([...directoriesOf([file('a/b/c'), file('a/d'), file('e')])].toSorted()).toEqual(['a', 'a/b']);
  expect([...directoriesOf([file('a/b/c/d'), file('a/x/y/z'), file('a/b/e/f')])].toSorted()).toEqual([
    'a',
    'a/b',
    'a/b/c',
    'a/b/e',
    'a/x',
    'a/x/y',
  ]);
});

test('counts decoded bytes', () => {
  expect(fileTreeBytes(fileTreeSchema.parse([file('a', 'ü'), { path: 'b', content: { base64: '/w==' } }]))).toBe(3);
});
