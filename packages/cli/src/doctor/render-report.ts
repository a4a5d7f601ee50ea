import { paint } from '../output/paint.ts';
import { renderTable } from '../output/render-table.ts';
import type { LayerFinding } from './describe-layers.ts';
import type { RungReport } from './describe-rung.ts';
import type { Finding } from './finding.ts';
import type { Probe } from './run-probe.ts';

/** Everything that doctor found out. */
export interface DoctorReport {
  /** Whether a worker with these settings starts here and runs jobs. */
  readonly sound: boolean;
  readonly rung: RungReport;
  readonly findings: readonly Finding[];
  readonly layers: readonly LayerFinding[];
  readonly features: ReadonlyMap<string, string>;
  readonly probe: Probe;
}

/** For people: the rung, the layers, what is not as it could be, and what would lift this host. */
export function renderReport(report: DoctorReport): string {
  const { rung, findings, features, probe } = report;
  const told = findings.filter(({ state }) => state !== 'ok');
  return [
    `${paint('bold', `Rung: ${rung.rung ?? 'none'}.`)} ${rung.because}\n`,
    renderTable([heading(), ...report.layers.filter(isShown(report.layers)).map(renderLayer)]),
    renderFacts(features, probe),
    told.length === 0 ? '' : `\n${told.map(renderFinding).join('')}`,
    rung.lifts.length === 0 ? '' : `\nWhat would lift this host:\n${rung.lifts.map((lift) => `- ${lift}\n`).join('')}`,
    `\n${renderVerdict(report)}\n`,
  ].join('');
}

function heading(): string[] {
  return ['LAYER', 'AVAILABLE', 'ACTIVE', 'NEEDED', 'MEASURED'].map((word) => paint('bold', word));
}

/** Of the layers that exclude each other the one that the jail has, or else those that are asked for. */
function isShown(layers: readonly LayerFinding[]): (layer: LayerFinding) => boolean {
  const rungs = layers.filter(({ name }) => ['namespaces', 'classic', 'restricted'].includes(name));
  const hasRung = rungs.some(({ active }) => active);
  return (layer) => !rungs.includes(layer) || layer.active || (!hasRung && layer.oneOf !== null);
}

function renderLayer(layer: LayerFinding): string[] {
  return [
    layer.name,
    layer.available === null ? '-' : yesOrNo(layer.available),
    yesOrNo(layer.active),
    renderNeed(layer),
    layer.measured,
  ];
}

function renderNeed({ name, oneOf }: LayerFinding): string {
  if (oneOf === null) return 'no';
  const others = oneOf.filter((other) => other !== name);
  return others.length === 0 ? 'yes' : `or ${others.join(' or ')}`;
}

function renderFacts(features: ReadonlyMap<string, string>, { receipt, problem }: Probe): string {
  const facts = [
    `Kernel ${features.get('kernel') ?? 'unknown'}, ${features.get('root') === '1' ? 'as root' : 'without privileges'}.`,
    receipt === null
      ? null
      : `The probe ran as UID ${receipt.uid} with ${receipt.toolchain}; jailer ${receipt.jailer}.`,
    problem === null ? null : `${paint('red', 'No job could be run:')} ${problem}`,
  ];
  return `\n${facts.filter((fact) => fact !== null).join('\n')}\n`;
}

function renderFinding({ name, state, sentence }: Finding): string {
  return `${paint(state === 'fault' ? 'red' : 'yellow', state.padEnd(5))} ${name}: ${sentence}\n`;
}

function renderVerdict({ sound, findings }: DoctorReport): string {
  const count = (state: Finding['state'], noun: string): string => {
    const found = findings.filter((finding) => finding.state === state).length;
    return `${found} ${noun}${found === 1 || state === 'ok' ? '' : 's'}`;
  };
  const checks = `${findings.length} checks: ${count('ok', 'ok')}, ${count('note', 'note')}, ${count('fault', 'fault')}.`;
  return sound
    ? paint('green', `A worker starts here. ${checks}`)
    : paint('red', `A worker does not start here as it must. ${checks}`);
}

function yesOrNo(value: boolean): string {
  return value ? paint('green', 'yes') : paint('yellow', 'no');
}
