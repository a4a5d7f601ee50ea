import { expect, test } from 'vitest';
import { collectFiles } from '../../src/job/collect-files.ts';
import { createOutputBudget } from '../../src/job/output-budget.ts';

test('files are read in order, each with what the budget still has, and refusals keep their place', async () => {
  const asked: [string, number][] = [];
  const jail = {
    async collect(path: string, maxBytes: number) {
      asked.push([path, maxBytes]);
      if (path === 'absent') return { state: 'refused', path, reason: 'missing' } as const;
      return { state: 'collected', path, mode: 0o600, content: Buffer.from([0xff, 0x00]) } as const;
    },
  };
  const files = await collectFiles(jail, ['a', 'absent', 'b'], createOutputBudget(10));
  expect(asked).toEqual([
    ['a', 10],
    ['absent', 8],
    ['b', 8],
  ]);
  expect(files).toEqual([
    { state: 'collected', path: 'a', mode: 0o600, encoding: 'base64', data: '/wA=', bytes: 2 },
    { state: 'refused', path: 'absent', reason: 'missing' },
    { state: 'collected', path: 'b', mode: 0o600, encoding: 'base64', data: '/wA=', bytes: 2 },
  ]);
});
