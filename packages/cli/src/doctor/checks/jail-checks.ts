import type { JailMode } from '@bullpen/profiles';
import type { LayerName } from '@bullpen/protocol';
import { check } from '../finding.ts';

/** The layer by which a receipt tells the rung. */
export const layerOfMode: Readonly<Record<JailMode, LayerName>> = {
  root: 'namespaces',
  userns: 'namespaces',
  classic: 'classic',
  restricted: 'restricted',
};

const rungLayers: ReadonlySet<LayerName> = new Set(Object.values(layerOfMode));

export const jailChecks = [
  check('configuration', ({ configurationProblem }) =>
    configurationProblem === null ? ['ok', 'The settings are in bounds.'] : ['fault', configurationProblem],
  ),

  check('jail', ({ jail }) =>
    jail.mode === null ? ['fault', jail.refusal] : ['ok', `Jails are made in the way of ${layerOfMode[jail.mode]}.`],
  ),

  check('capabilities', ({ jail, user: { missingCapabilities } }) => {
    if (jail.mode !== 'root' || missingCapabilities.length === 0) return ['ok', 'No capability is missing.'];
    return [
      'fault',
      `Jails with namespaces need ${missingCapabilities.join(', ')} beside CAP_SYS_ADMIN: add them to the worker's.`,
    ];
  }),

  check('slots', ({ jail, slots }) => {
    if (jail.mode !== 'restricted' || slots === 1)
      return ['ok', `The worker would have ${slots} ${slots === 1 ? 'slot' : 'slots'}.`];
    return [
      'fault',
      `A worker of restricted jails has one slot, and would have ${slots}: set BULLPEN_SLOTS=1, and start more workers, each as another user.`,
    ];
  }),

  check('floor', ({ jail, floor, isEnabled }) => {
    if (!isEnabled) {
      return [
        'fault',
        'The floor is not the default one, and nobody has enabled execution above it: set BULLPEN_ENABLED=true if you mean it.',
      ];
    }
    if (jail.mode === null) return ['ok', 'Execution is enabled.'];
    const layer = layerOfMode[jail.mode];
    const missing = floor.find(
      (alternatives) => alternatives.every((name) => rungLayers.has(name)) && !alternatives.includes(layer),
    );
    if (missing === undefined) return ['ok', `The floor permits ${layer} jails.`];
    return [
      'fault',
      `The floor asks for ${missing.join(' or ')}, and this host gives ${layer}: climb, or permit it with BULLPEN_FLOOR=${renderFloor(floor, missing, layer)} and BULLPEN_ENABLED=true.`,
    ];
  }),
] as const;

function renderFloor(
  floor: readonly (readonly LayerName[])[],
  missing: readonly LayerName[],
  layer: LayerName,
): string {
  return floor.map((alternatives) => (alternatives === missing ? layer : alternatives.join('|'))).join(',');
}
