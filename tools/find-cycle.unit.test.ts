import { expect, it } from 'vitest';
import { findCycle } from './find-cycle.ts';

it('finds no cycle in a diamond', () => {
  expect(
    findCycle(
      new Map([
        ['a', ['b', 'c']],
        ['b', ['d']],
        ['c', ['d']],
      ]),
    ),
  ).toBeNull();
});

it('names the files of a cycle, from its first to its first', () => {
  expect(
    findCycle(
      new Map([
        ['a', ['b']],
        ['b', ['c']],
        ['c', ['b']],
      ]),
    ),
  ).toEqual(['b', 'c', 'b']);
});

it('finds a file that imports itself', () => {
  expect(findCycle(new Map([['a', ['a']]]))).toEqual(['a', 'a']);
});
