import { expect, it } from 'vitest';
import { checkConfinementDoc } from './write-confinement-table.ts';

it('docs/confinement.md shows the recorded results, and no attack of tests/deny and tests/limits is without one', () => {
  expect(checkConfinementDoc()).toEqual([]);
}, 60_000);
