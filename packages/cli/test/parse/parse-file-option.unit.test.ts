import { expect, it } from 'vitest';
import { parseFileOption } from '../../src/parse/parse-file-option.ts';

it('reads where the file goes and where it comes from', () => {
  expect(parseFileOption('data/in.txt=/tmp/x=y')).toEqual({ path: 'data/in.txt', source: '/tmp/x=y' });
});

it('keeps the name of a plain source', () => {
  expect(parseFileOption('../inputs/in.txt')).toEqual({ path: 'in.txt', source: '../inputs/in.txt' });
});

it.each(['', '=x', 'x=', 'folder/'])('refuses %j', (text) => {
  expect(() => parseFileOption(text)).toThrow('write PATH=SRC');
});
