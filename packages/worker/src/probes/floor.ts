import type { Jail, JailSlot } from '@bullpen/jailer';
import { ProbeError } from './probe.ts';

/** Layers without which no job is run; of the last pair one is enough. */
const floor = [['identity'], ['rlimits'], ['seccomp'], ['namespaces'], ['landlock', 'apparmor']] as const;

/** Throws a ProbeError unless the jail has measured every layer of the floor. */
export function assertFloor(slot: Pick<JailSlot, 'index'>, jail: Pick<Jail, 'layers'>): void {
  const present = new Set(jail.layers.map(({ name }) => name));
  for (const alternatives of floor) {
    if (alternatives.some((name) => present.has(name))) continue;
    const has = [...present].join(', ') || 'none';
    throw new ProbeError(slot.index, 'layers', `it has no ${alternatives.join(' and no ')} layer (it has ${has})`);
  }
}
