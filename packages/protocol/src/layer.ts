import { z } from 'zod';

/** The mechanisms of confinement that a jail may have. A jail lists those that were measured in it. */
export const layerNames = [
  'identity',
  'rlimits',
  'namespaces',
  'classic',
  'restricted',
  'landlock',
  'seccomp',
  'apparmor',
  'cgroup',
] as const;

export type LayerName = (typeof layerNames)[number];

export const layerNameSchema = z.enum(layerNames);

/** Those of `required` that `layers` lacks, in the order in which they were asked for. */
export function missingLayers(
  required: readonly LayerName[],
  layers: readonly { readonly name: string }[],
): readonly LayerName[] {
  const present = new Set(layers.map(({ name }) => name));
  return required.filter((name) => !present.has(name));
}
