import { expect, test } from 'vitest';
import { relativePathProblem, relativePathSchema } from '../src/relative-path.ts';

test.each([
  'a',
  'main.py',
  'src/deep/er.c',
  '...',
  '.hidden',
  'a..b',
  'name with spaces',
  'grün/日本',
  'back\\slash',
  '-dash',
  'x'.repeat(255),
  'ü'.repeat(127),
  Array.from({ length: 32 }, () => 'a').join('/'),
  Array.from({ length: 4 }, () => 'y'.repeat(255)).join('/'),
])('%j names a file of the work directory', (path) => {
  expect(relativePathProblem(path)).toBeNull();
  expect(relativePathSchema.safeParse(path).success).toBe(true);
});

test.each([
  ['', 'must not be empty'],
  ['/etc/passwd', 'must be relative to the work directory'],
  ['a/', 'must not contain an empty name ("//", or "/" at the end)'],
  ['a//b', 'must not contain an empty name ("//", or "/" at the end)'],
  ['.', 'must not contain "."'],
  ['./a', 'must not contain "."'],
  ['..', 'must not contain ".."'],
  ['../x', 'must not contain ".."'],
  ['a/../../x', 'must not contain ".."'],
  ['a\0b', 'must not contain control characters'],
  ['a\nb', 'must not contain control characters'],
  ['a\u007fb', 'must not contain control characters'],
  ['\udc00', 'must be well-formed Unicode'],
  ['x'.repeat(256), 'must have names of at most 255 bytes'],
  ['ü'.repeat(128), 'must have names of at most 255 bytes'],
  [Array.from({ length: 33 }, () => 'a').join('/'), 'must have at most 32 levels'],
  [Array.from({ length: 5 }, () => 'y'.repeat(255)).join('/'), 'must have at most 1024 bytes'],
])('%j %s', (path, problem) => {
  expect(relativePathProblem(path)).toBe(problem);
  expect(relativePathSchema.safeParse(path).error?.issues[0]?.message).toBe(problem);
});
