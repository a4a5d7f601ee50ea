import { expect, test } from 'vitest';
import { limitDisks } from '../../src/host/load-profiles.ts';
import { makeLiteralProfiles } from '../support/literal-profiles.ts';

const profiles = makeLiteralProfiles();
const needed = profiles.available[0]?.profile.defaults.diskBytes ?? 0;

test('a small place lowers the ceilings of what runs here, in the catalog too, and of nothing else', () => {
  const limited = limitDisks(profiles, needed);
  expect(limited.available[0]?.profile.ceilings.diskBytes).toBe(needed);
  expect(limited.catalog.get('bash')?.ceilings.diskBytes).toBe(needed);
  expect(limited.catalog.get('python')).toEqual(profiles.catalog.get('python'));
  expect(limited.catalog.profiles.map(({ name }) => name)).toEqual(profiles.catalog.profiles.map(({ name }) => name));
  expect(limited.unavailable).toBe(profiles.unavailable);
});

test('a place that cannot hold what jobs get by default is refused', () => {
  expect(() => limitDisks(profiles, needed - 1)).toThrow(/^profile bash gives each job \d+ bytes of disk/);
});
