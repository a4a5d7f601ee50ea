import type { Receipt } from '@bullpen/protocol';
import { readProgram } from '../child-process.ts';
import { readCliConfig } from '../config.ts';
import { describeLayers, type LayerFinding } from '../doctor/describe-layers.ts';
import { parseFeatures } from '../doctor/parse-features.ts';
import { exitCodes } from '../exit-code.ts';
import { jailerProgram } from '../fleet/checkout.ts';
import { startFleet } from '../fleet/start-fleet.ts';
import { paint } from '../output/paint.ts';
import { renderTable } from '../output/render-table.ts';
import { printJson, writeAll } from '../output/write-all.ts';

export interface DoctorOptions {
  readonly json?: boolean;
}

const probeDeadlineMs = 30_000;

/** Says of each layer whether the kernel offers it and whether a real jail of this machine has it. */
export async function runDoctor(options: DoctorOptions): Promise<number> {
  const features = parseFeatures(await readProgram(jailerProgram, ['--features'], 5000));
  const probe = await runProbe();
  const layers = describeLayers(features, probe.receipt);
  const isSound = layers.every((layer) => layer.active || !layer.required) && probe.problem === null;
  if (options.json === true) {
    await printJson({
      sound: isSound,
      features: Object.fromEntries(features),
      layers,
      problem: probe.problem,
      receipt: probe.receipt,
    });
  } else {
    await writeAll(process.stdout, renderReport(layers, features, probe));
  }
  return isSound ? exitCodes.success : exitCodes.failure;
}

interface Probe {
  /** Null when no job could be run. */
  readonly receipt: Receipt | null;
  readonly problem: string | null;
}

/** A job in a real jail of a real worker, for its confinement receipt. */
async function runProbe(): Promise<Probe> {
  try {
    const fleet = await startFleet({
      config: readCliConfig(),
      workers: 1,
      slots: 1,
      redis: null,
      ownQueue: true,
      logLevel: 'warn',
      log: () => {},
    });
    try {
      const handle = await fleet.client.submit({ profile: 'bash', commands: [{ argv: ['bash', '-c', 'true'] }] });
      const result = await Promise.race([handle.result({ timeoutMs: probeDeadlineMs }), fleet.lost]);
      return { receipt: result.receipt, problem: null };
    } finally {
      await fleet.close(2000);
    }
  } catch (error) {
    return { receipt: null, problem: error instanceof Error ? error.message : String(error) };
  }
}

function renderReport(
  layers: readonly LayerFinding[],
  features: ReadonlyMap<string, string>,
  { receipt, problem }: Probe,
): string {
  const head = ['LAYER', 'AVAILABLE', 'ACTIVE', 'NEEDED', 'MEASURED'].map((word) => paint('bold', word));
  const rows = layers.map((layer) => [
    layer.name,
    layer.available === null ? '-' : yesOrNo(layer.available),
    yesOrNo(layer.active),
    layer.required ? 'yes' : 'no',
    layer.measured,
  ]);
  const facts = [
    `Kernel ${features.get('kernel') ?? 'unknown'}, ${features.get('root') === '1' ? 'as root' : 'without privileges (user namespaces)'}.`,
    receipt === null
      ? null
      : `The probe ran as UID ${receipt.uid} with ${receipt.toolchain}; jailer ${receipt.jailer}.`,
    problem === null ? null : `${paint('red', 'No job could be run:')} ${problem}`,
  ];
  return `${renderTable([head, ...rows])}\n${facts.filter((fact) => fact !== null).join('\n')}\n`;
}

function yesOrNo(value: boolean): string {
  return value ? paint('green', 'yes') : paint('yellow', 'no');
}
