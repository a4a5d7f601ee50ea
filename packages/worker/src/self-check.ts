import type { JailLayer, JailSlot } from '@bullpen/jailer';
import type { ResolvedProfile } from '@bullpen/profiles';
import { defaultFloor, type Floor } from './probes/floor.ts';
import { probeSlot } from './probes/probe-slot.ts';

/**
 * Proves slots with real programs in real jails, all at once; none of them may be in use. Returns the layers that the jails of all of them
 * have. Throws a sentence that names the slot and the probe that failed; only what was seen to hold counts, so any error fails the probe too.
 */
export async function proveSlots(
  slots: readonly JailSlot[],
  available: readonly ResolvedProfile[],
  floor: Floor = defaultFloor,
): Promise<readonly JailLayer[]> {
  const [first = [], ...others] = await Promise.all(slots.map((slot) => probeSlot(slot, available, floor)));
  return first.filter(({ name }) => others.every((layers) => layers.some((layer) => layer.name === name)));
}
