import { expect, test } from 'vitest';
import { proveSlots } from '../src/self-check.ts';
import { makeLiteralProfiles } from './support/literal-profiles.ts';
import { makeLiteralSlot } from './support/literal-slot.ts';

test('a slot below the floor of layers is refused, and its jail is closed', async () => {
  const slot = makeLiteralSlot();
  await expect(proveSlots([slot], makeLiteralProfiles().available)).rejects.toThrow(
    'Slot 0 has no rlimits layer (it has identity)',
  );
  expect(slot.log).toEqual(['open', 'close']);
});

test('without bash there is nothing to prove a slot with', async () => {
  await expect(proveSlots([makeLiteralSlot()], [])).rejects.toThrow('install bash');
});
