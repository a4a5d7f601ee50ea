import { describe, expect, test } from 'vitest';
import { placeSources } from '../../src/codebox/place-sources.ts';

const place = (sources: Readonly<Record<string, string>>) => placeSources(new Map(Object.entries(sources)));

describe('sources become files of the work directory', () => {
  test.for<[what: string, sources: Readonly<Record<string, string>>, paths: Readonly<Record<string, string>>]>([
    ['as they are', { 'a.py': '1', 'app/b.py': '2' }, { 'a.py': '1', 'app/b.py': '2' }],
    ['without leading slashes', { '/a.py': '1', '///app/b.py': '2' }, { 'a.py': '1', 'app/b.py': '2' }],
    ['with . and .. resolved', { './a/../b//c/.': '1' }, { 'b/c': '1' }],
    ['the later of two at one place', { a: '1', '/a': '2', './a': '3' }, { a: '3' }],
    ['out and in again', { '../sandbox/a': '1' }, { a: '1' }],
    [
      'with names that only look odd',
      { '..a': '1', 'b..': '2', '...': '3', 'c d': '4' },
      { '..a': '1', 'b..': '2', '...': '3', 'c d': '4' },
    ],
    ['with a name of 255 bytes', { ['é'.repeat(127)]: '1' }, { ['é'.repeat(127)]: '1' }],
  ])('%s', ([, sources, paths]) => {
    const placement = place(sources);
    expect(placement).toEqual({
      kind: 'files',
      files: Object.entries(paths).map(([path, content]) => ({ path, content })),
    });
  });
});

describe('a source that can be no file is answered with one sentence', () => {
  test.for<[path: string, problem: string]>([
    ['../x', 'Invalid file path: /x'],
    ['/../../etc/passwd', 'Invalid file path: /etc/passwd'],
    ['invalid/path/../../../../usr/bin/help.py', 'Invalid file path: /usr/bin/help.py'],
    ['../sandbox-of-others/x', 'Invalid file path: /sandbox-of-others/x'],
    ['..', 'Invalid file path: /'],
    ['', "[Errno 21] Is a directory: '/sandbox'"],
    ['/', "[Errno 21] Is a directory: '/sandbox'"],
    ['a/..', "[Errno 21] Is a directory: '/sandbox'"],
    ['a\0b', 'embedded null byte'],
    ['a\nb', 'Invalid file path: /sandbox/a\nb must not contain control characters'],
    ['\ud800', "'utf-8' codec can't encode character '\\ud800' in position 9: surrogates not allowed"],
    [`it's${'x'.repeat(255)}`, `[Errno 36] File name too long: "/sandbox/it's${'x'.repeat(255)}"`],
    [
      Array(40).fill('a').join('/'),
      `Invalid file path: /sandbox/${Array(40).fill('a').join('/')} must have at most 32 levels`,
    ],
  ])('%j', ([path, problem]) => {
    expect(place({ 'fine.py': '', [path]: '' })).toEqual({ kind: 'refused', problems: [problem] });
  });

  test('a path of a megabyte is told by its beginning', () => {
    const placement = place({ ['../'.repeat(350_000)]: '' });
    expect(placement.kind === 'refused' && placement.problems[0]).toMatch(
      /^\[Errno 36\] File name too long: '.{1000}…'$/,
    );
  });

  test('each of them has its own', () => {
    expect(place({ '../a': '', b: '', '../c': '' })).toEqual({
      kind: 'refused',
      problems: ['Invalid file path: /a', 'Invalid file path: /c'],
    });
  });

  test('a text without UTF-8', () => {
    expect(place({ a: 'x😀\ud800\udbff', b: '\udfff' })).toEqual({
      kind: 'refused',
      problems: [
        "'utf-8' codec can't encode characters in position 2-3: surrogates not allowed",
        "'utf-8' codec can't encode character '\\udfff' in position 0: surrogates not allowed",
      ],
    });
  });
});

describe('a source in the way of another', () => {
  test.for<[what: string, sources: Readonly<Record<string, string>>, problem: string]>([
    ['a directory of an earlier one', { 'a/b': '', a: '' }, "[Errno 21] Is a directory: '/sandbox/a'"],
    ['below an earlier one', { a: '', 'a/b': '' }, "[Errno 17] File exists: '/sandbox/a'"],
    ['far below an earlier one', { a: '', 'a/b/c': '' }, "[Errno 20] Not a directory: '/sandbox/a/b'"],
  ])('%s', ([, sources, problem]) => {
    expect(place(sources)).toEqual({ kind: 'refused', problems: [problem] });
  });
});
