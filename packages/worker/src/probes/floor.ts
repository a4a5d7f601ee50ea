import type { Jail, JailSlot } from '@bullpen/jailer';
import { type LayerName, layerNames } from '@bullpen/protocol';
import { z } from 'zod';
import { ProbeError } from './probe.ts';

/** Layers without which a worker runs no job: of each list of alternatives a jail has one at least. */
export type Floor = readonly (readonly LayerName[])[];

/** The floor of a worker that is told no other one, as an operator would write it. */
export const defaultFloorText = 'identity,rlimits,seccomp,landlock|apparmor,namespaces|classic';

const layerOfFloor = z.enum(layerNames, {
  error: ({ input }) => `${JSON.stringify(input)} is no layer: the layers are ${layerNames.join(', ')}`,
});

/** Reads `a,b|c` (a comma between what is needed, a bar between alternatives); takes what it made of it, too. */
export const floorSchema = z
  .union([z.string().transform(splitFloor), z.array(z.array(z.string()))], {
    error: 'must be layers with commas between them, and bars between alternatives',
  })
  .pipe(z.array(z.array(layerOfFloor).min(1)).min(1).max(layerNames.length));

function splitFloor(text: string): string[][] {
  return text.split(',').map((part) => part.split('|').map((name) => name.trim()));
}

export const defaultFloor: Floor = floorSchema.parse(defaultFloorText);

/** Writes a floor as `floorSchema` reads it. */
export function renderFloor(floor: Floor): string {
  return floor.map((alternatives) => alternatives.join('|')).join(',');
}

/** Whether a floor asks for the same as the default one, however it is written. */
export function isDefaultFloor(floor: Floor): boolean {
  return normalized(floor) === normalized(defaultFloor);
}

function normalized(floor: Floor): string {
  const parts = floor.map((alternatives) => [...new Set(alternatives)].toSorted().join('|'));
  return [...new Set(parts)].toSorted().join(',');
}

/** The first list of alternatives of which the jail has measured none; null when it is not below the floor. */
export function findMissing(floor: Floor, layers: readonly { readonly name: string }[]): readonly LayerName[] | null {
  const present = new Set(layers.map(({ name }) => name));
  return floor.find((alternatives) => !alternatives.some((name) => present.has(name))) ?? null;
}

/** What would give a host's jails a layer that they lack. */
const lifts: Readonly<Record<LayerName, string>> = {
  identity: 'start the worker as root, or where user namespaces are allowed',
  rlimits: 'let the worker set resource limits',
  namespaces: 'give the worker CAP_SYS_ADMIN, or user namespaces',
  classic: 'give the worker CAP_SETUID, CAP_SETGID, CAP_KILL and CAP_CHOWN, and BULLPEN_JAIL=classic',
  restricted: 'give the worker BULLPEN_JAIL=restricted',
  landlock: 'boot a kernel of 5.13 or newer with landlock in its lsm= list',
  seccomp: 'boot a kernel with seccomp filters',
  apparmor: 'boot with AppArmor and load the profiles ("bullpen apparmor load")',
  cgroup: 'give the worker cgroups that it may write',
};

/** Throws a ProbeError unless the jail has measured every layer of the floor. */
export function assertFloor(
  slot: Pick<JailSlot, 'index'>,
  jail: Pick<Jail, 'layers'>,
  floor: Floor = defaultFloor,
): void {
  const missing = findMissing(floor, jail.layers);
  if (missing === null) return;
  const has = jail.layers.map(({ name }) => name).join(', ') || 'none';
  throw new ProbeError(
    slot.index,
    'layers',
    `it has no ${missing.join(' and no ')} layer (it has ${has}), which is below the floor ${renderFloor(floor)}: ${missing
      .map((name) => lifts[name])
      .join(', or ')}, or let an operator set another BULLPEN_FLOOR with BULLPEN_ENABLED=true`,
  );
}
