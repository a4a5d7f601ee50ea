import { type Doubt, doubtsMax, findDoubt } from '@bullpen/protocol';
import { expect, test } from 'vitest';
import { addDoubts, settleDoubts } from '../../src/probes/doubts.ts';

const make = (fields: Partial<Doubt> = {}): Doubt => ({
  worker: 'w1',
  slot: 0,
  since: 100,
  until: null,
  probe: 'sockets',
  expiresAt: 10_000,
  ...fields,
});

test('what no kept result can be meant by is forgotten', () => {
  expect(addDoubts([make({ expiresAt: 50 }), make({ since: 7 })], [make()], 50)).toEqual([make({ since: 7 }), make()]);
});

test('settling ends the open doubts of one worker, and keeps them for as long as the last results that they mean', () => {
  const settled = settleDoubts([make(), make({ worker: 'w2' }), make({ until: 120 })], 'w1', {
    nowMs: 200,
    expiresAt: 20_000,
  });
  expect(settled).toEqual([make({ until: 200, expiresAt: 20_000 }), make({ worker: 'w2' }), make({ until: 120 })]);
});

test.each<[what: string, worker: (index: number) => string]>([
  ['one worker', () => 'w1'],
  ['several workers', (index) => `w${index % 7}`],
  ['ever other workers', (index) => `w${index}`],
])('too many doubts of %s are drawn together without clearing a single result', (_what, worker) => {
  const added = Array.from({ length: 3 * doubtsMax }, (_, index) =>
    make({ worker: worker(index), slot: index % 5, since: index * 10, until: index * 10 + 5, probe: `p${index % 3}` }),
  );
  const kept = addDoubts([], added, 0);
  expect(kept.length).toBeLessThanOrEqual(doubtsMax);
  for (const { worker: name, slot, since } of added) {
    const result = { receipt: { worker: name ?? '', slot: slot ?? 0 }, finishedAt: since + 3 };
    expect(findDoubt(kept, result)).not.toBeNull();
  }
});
