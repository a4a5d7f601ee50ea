import { readProgram } from '../child-process.ts';
import { type CliConfig, readCliConfig } from '../config.ts';
import { describeLayers } from '../doctor/describe-layers.ts';
import { describeRung } from '../doctor/describe-rung.ts';
import { readHostFacts } from '../doctor/facts/read-host-facts.ts';
import { parseFeatures } from '../doctor/parse-features.ts';
import { type DoctorReport, renderReport } from '../doctor/render-report.ts';
import { runChecks } from '../doctor/run-checks.ts';
import { type Probe, runProbe } from '../doctor/run-probe.ts';
import { exitCodes } from '../exit-code.ts';
import { jailerProgram } from '../fleet/checkout.ts';
import { printJson, writeAll } from '../output/write-all.ts';

export interface DoctorOptions {
  readonly json?: boolean;
}

/**
 * Says on which rung this host stands and what would lift it, what is wrong here, and which layers a real jail has. Exit code 0 only when a worker
 * with these settings starts here.
 */
export async function runDoctor(options: DoctorOptions): Promise<number> {
  const report = await examine(readCliConfig());
  if (options.json === true) await printJson(asJson(report));
  else await writeAll(process.stdout, renderReport(report));
  return report.sound ? exitCodes.success : exitCodes.failure;
}

const notStarted: Probe = { receipt: null, problem: 'no worker was started, since it could make no jails.' };

async function examine(config: CliConfig): Promise<DoctorReport> {
  const features = parseFeatures(await readProgram(jailerProgram, ['--features'], 5000));
  // Before the probe, whose own processes and cgroups would be among the facts.
  const facts = await readHostFacts({
    jailer: jailerProgram,
    features,
    environment: config.environment,
    searchPath: config.searchPath,
    redis: config.environment['BULLPEN_REDIS'] ?? config.redisUrl,
  });
  const probe = facts.jail.mode === null ? notStarted : await runProbe(config);
  const findings = runChecks(facts);
  const layers = describeLayers(features, probe.receipt, facts.floor);
  const isSound =
    probe.problem === null &&
    layers.every((layer) => layer.active || !layer.required) &&
    findings.every(({ state }) => state !== 'fault');
  return { sound: isSound, rung: describeRung(facts), findings, layers, features, probe };
}

function asJson({ sound, rung, findings, layers, features, probe }: DoctorReport) {
  const { receipt, problem } = probe;
  return { sound, ...rung, findings, layers, features: Object.fromEntries(features), problem, receipt };
}
