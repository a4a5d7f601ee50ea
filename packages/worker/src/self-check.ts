import type { JailSlot } from '@bullpen/jailer';
import type { ResolvedProfile } from '@bullpen/profiles';
import { probeSlot } from './probes/probe-slot.ts';

/**
 * Proves slots with real programs in real jails, all at once; none of them may be in use. Throws a sentence that names the slot and the
 * probe that failed; only what was seen to hold counts, so any error fails the probe too.
 */
export async function proveSlots(slots: readonly JailSlot[], available: readonly ResolvedProfile[]): Promise<void> {
  await Promise.all(slots.map((slot) => probeSlot(slot, available)));
}
