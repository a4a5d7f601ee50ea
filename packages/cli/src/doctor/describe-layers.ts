import { type LayerName, layerNames, type Receipt } from '@bullpen/protocol';

/** What doctor found out about one layer of confinement. */
export interface LayerFinding {
  readonly name: LayerName;
  /** Whether the kernel offers it; null when every supported kernel does. */
  readonly available: boolean | null;
  /** Whether the probe's jail had it. */
  readonly active: boolean;
  /** The layers of which the floor asks for one, this one among them; null when jobs are run without it. */
  readonly oneOf: readonly LayerName[] | null;
  /** Whether jobs are refused without it as this host is: the floor asks for it, and nothing that may stand in for it is active. */
  readonly required: boolean;
  /** How we know: what the jailer measured in the probe's jail, or why there is nothing to measure. */
  readonly measured: string;
}

/** How the jailer's features say that the kernel has a layer; those without are everywhere. */
const offers: { readonly [L in LayerName]?: (features: ReadonlyMap<string, string>) => boolean } = {
  seccomp: (features) => isOn(features.get('seccomp')),
  landlock: (features) => isOn(features.get('landlock')),
  apparmor: (features) => isOn(features.get('apparmor')),
};

function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== '0' && value !== '' && value !== 'no';
}

/** Joins what the kernel offers with what the receipt of a real jail says, and with what the floor asks for. */
export function describeLayers(
  features: ReadonlyMap<string, string>,
  receipt: Receipt | null,
  floor: readonly (readonly LayerName[])[],
): LayerFinding[] {
  const measured = new Map<string, string>(receipt?.layers.map((layer) => [layer.name, layer.detail]));
  return layerNames.map((name) => {
    const available = offers[name]?.(features) ?? null;
    const asked = floor.filter((alternatives) => alternatives.includes(name));
    return {
      name,
      available,
      active: measured.has(name),
      oneOf: asked[0] ?? null,
      required: asked.some((alternatives) => !alternatives.some((other) => other !== name && measured.has(other))),
      measured: measured.get(name) ?? whyNot(receipt, available),
    };
  });
}

function whyNot(receipt: Receipt | null, available: boolean | null): string {
  if (receipt === null) return 'not measured: no job could be run';
  return available === false ? 'the kernel lacks it' : "not in the jail's receipt";
}
