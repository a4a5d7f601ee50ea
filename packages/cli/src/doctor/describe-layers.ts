import type { Receipt } from '@bullpen/protocol';

/** What doctor found out about one layer of confinement. */
export interface LayerFinding {
  readonly name: string;
  /** Whether the kernel offers it; null when every supported kernel does. */
  readonly available: boolean | null;
  /** Whether the probe's jail had it. */
  readonly active: boolean;
  /** Whether jobs are refused without it. */
  readonly required: boolean;
  /** How we know: what the jailer measured in the probe's jail, or why there is nothing to measure. */
  readonly measured: string;
}

interface KnownLayer {
  readonly name: string;
  readonly required: boolean;
  /** How the jailer's features say that the kernel has it; layers without are everywhere. */
  readonly offered?: (features: ReadonlyMap<string, string>) => boolean;
}

const isOn = (value: string | undefined): boolean =>
  value !== undefined && value !== '0' && value !== '' && value !== 'no';

const knownLayers: readonly KnownLayer[] = [
  { name: 'identity', required: true },
  { name: 'rlimits', required: true },
  {
    name: 'namespaces',
    required: true,
    offered: (features) => isOn(features.get('root')) || isOn(features.get('user_namespaces')),
  },
  { name: 'seccomp', required: true, offered: (features) => isOn(features.get('seccomp')) },
  { name: 'landlock', required: false, offered: (features) => isOn(features.get('landlock')) },
  { name: 'apparmor', required: false, offered: (features) => isOn(features.get('apparmor')) },
  { name: 'cgroup', required: false },
];

/** Joins what the kernel offers with what the receipt of a real jail says. One of landlock and apparmor is needed; landlock stands for both. */
export function describeLayers(features: ReadonlyMap<string, string>, receipt: Receipt | null): LayerFinding[] {
  const measured = new Map(receipt?.layers.map((layer) => [layer.name, layer.detail]));
  const hasPathLayer = measured.has('landlock') || measured.has('apparmor');
  return knownLayers.map(({ name, required, offered }) => {
    const available = offered === undefined ? null : offered(features);
    return {
      name,
      available,
      active: measured.has(name),
      required: required || (name === 'landlock' && !hasPathLayer),
      measured: measured.get(name) ?? whyNot(receipt, available),
    };
  });
}

function whyNot(receipt: Receipt | null, available: boolean | null): string {
  if (receipt === null) return 'not measured: no job could be run';
  return available === false ? 'the kernel lacks it' : "not in the jail's receipt";
}
