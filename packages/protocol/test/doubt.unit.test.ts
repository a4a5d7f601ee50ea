import { expect, test } from 'vitest';
import { type Doubt, findDoubt, parseDoubts } from '../src/doubt.ts';

const doubt: Doubt = { worker: 'w1', slot: 1, since: 100, until: 200, probe: 'sockets', expiresAt: 1000 };
const result = (finishedAt: number, slot = 1, worker = 'w1') => ({ receipt: { worker, slot }, finishedAt });

test.each<[what: string, when: number, slot: number, worker: string, isDoubtful: boolean]>([
  ['before the last clean round', 99, 1, 'w1', false],
  ['right after it', 100, 1, 'w1', true],
  ['until probes passed again', 200, 1, 'w1', true],
  ['after that', 201, 1, 'w1', false],
  ['in another slot', 150, 0, 'w1', false],
  ['of another worker', 150, 1, 'w2', false],
])('a result from %s', (_what, when, slot, worker, isDoubtful) => {
  expect(findDoubt([doubt], result(when, slot, worker))).toEqual(isDoubtful ? { since: 100, probe: 'sockets' } : null);
});

test('a doubt about no slot in particular is about all of them, and an open one about all that follows', () => {
  expect(findDoubt([{ ...doubt, slot: null, until: null }], result(9999, 7))).not.toBeNull();
});

test.each([
  [150, 5000, true],
  [99, 150, false],
  [201, 150, false],
])(
  'a result made at another time from a run that ended at %i is judged by that run (%i: %s)',
  (ranAt, madeAt, isDoubtful) => {
    const receipt = { worker: 'w1', slot: 1, cached: { finishedAt: ranAt } };
    expect(findDoubt([doubt], { receipt, finishedAt: madeAt }) !== null).toBe(isDoubtful);
  },
);

test('the earliest of several is told', () => {
  expect(
    findDoubt(
      [
        { ...doubt, since: 120 },
        { ...doubt, since: 110, probe: 'files' },
      ],
      result(150),
    ),
  ).toEqual({
    since: 110,
    probe: 'files',
  });
});

test('a result that no worker made is in no doubt', () => {
  expect(findDoubt([{ ...doubt, slot: null }], { receipt: null, finishedAt: 150 })).toBeNull();
});

test.each([null, '', '{', '7', '{}', '[7, null]', JSON.stringify([{ ...doubt, since: 'x' }])])(
  'what is no doubt is read as none: %j',
  (text) => {
    expect(parseDoubts(text)).toEqual([]);
  },
);

test('a doubt survives its way through Redis, beside what is none', () => {
  expect(parseDoubts(JSON.stringify([7, doubt]))).toEqual([doubt]);
});
