import { expect, it } from 'vitest';
import { checkConfinementDoc } from './write-confinement-table.ts';

it('docs/confinement.md shows the recorded results, and no rule of tests/deny and tests/limits is without any', () => {
  expect(checkConfinementDoc()).toEqual([]);
});
