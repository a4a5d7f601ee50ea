import { type Jail, type JailCommand, JailerError, type JailRequest, type JailSlot } from '@bullpen/jailer';
import { commandLimitNames, type CommandLimits, type ResolvedProfile } from '@bullpen/profiles';
import { assertFloor } from './floor.ts';
import { limitProbes, smallDisk } from './limit-probes.ts';
import { type Probe, ProbeError, type ProbeJail } from './probe.ts';
import { shellProbes } from './shell-probes.ts';
import { findStrictProbes, intruder } from './strict-probes.ts';

const decoder = new TextDecoder();

/** One jail of a round of probes, and what is tried in it. */
interface ProbePlan {
  readonly resolved: ResolvedProfile;
  readonly option: string;
  readonly request: JailRequest;
  readonly probes: readonly Probe[];
}

/**
 * Tries a slot with real programs in real jails, one after another: about half a second. Throws a ProbeError that names the probe, or the
 * slot's own JailerError; only what was seen to hold counts. The slot must be nobody else's meanwhile.
 */
export async function probeSlot(slot: JailSlot, available: readonly ResolvedProfile[]): Promise<void> {
  for (const plan of planRound(available)) await probeInJail(slot, plan);
}

function planRound(available: readonly ResolvedProfile[]): readonly ProbePlan[] {
  const profileNumber = available.findIndex(({ profile }) => profile.name === 'bash');
  const bash = available[profileNumber];
  if (bash === undefined) {
    throw new Error('The worker proves its jails with the profile bash, which this host cannot run: install bash.');
  }
  const { diskBytes, diskFiles } = bash.profile.defaults;
  const bashPlan = (jail: ProbeJail, disk: { diskBytes: number; diskFiles: number }): ProbePlan => ({
    resolved: bash,
    option: '-c',
    request: { profileNumber, ...disk, files: [] },
    probes: [...shellProbes, ...limitProbes].filter((probe) => probe.jail === jail),
  });
  const plans = [bashPlan('first', { diskBytes, diskFiles }), bashPlan('second', smallDisk)];
  const strict = findStrictProbes(available);
  const resolved = available[strict?.profileNumber ?? -1];
  if (strict === null || resolved === undefined) return plans;
  const request = { profileNumber: strict.profileNumber, diskBytes, diskFiles, files: [intruder] };
  return [...plans, { resolved, option: strict.option, request, probes: strict.probes }];
}

async function probeInJail(slot: JailSlot, plan: ProbePlan): Promise<void> {
  const jail = await slot.open(plan.request).catch(throwFor(slot, 'a jail can be made'));
  try {
    assertFloor(slot, jail);
    for (const probe of plan.probes) await runProbe(slot, jail, plan, probe);
  } finally {
    await jail.close();
  }
}

async function runProbe(slot: JailSlot, jail: Jail, plan: ProbePlan, probe: Probe): Promise<void> {
  const report = await jail.run(makeCommand(plan, probe)).catch(throwFor(slot, probe.name));
  const stdout = decoder.decode(report.stdout.bytes);
  const stderr = decoder.decode(report.stderr.bytes);
  if (probe.isPassed(report, { stdout, stderr, layers: new Set(jail.layers.map(({ name }) => name)) })) return;
  const said = [stdout, stderr].map((text) => JSON.stringify(text.trim().slice(0, 200))).join(' and ');
  const { endedBy, exitCode, signal, startErrno } = report;
  throw new ProbeError(
    slot.index,
    probe.name,
    `ended by ${endedBy}, exit code ${exitCode}, signal ${signal}, start errno ${startErrno}, said ${said}`,
  );
}

/** A step that failed is a failed probe; a keeper that was lost says nothing about the jail. */
function throwFor(slot: JailSlot, probe: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof JailerError) || error.step === 'keeper') throw error;
    throw new ProbeError(slot.index, probe, error.message.replace(/\.$/, ''));
  };
}

function makeCommand({ resolved: { profile, program }, option }: ProbePlan, { script, limits }: Probe): JailCommand {
  const defaults = Object.fromEntries(commandLimitNames.map((name) => [name, profile.defaults[name]])) as CommandLimits;
  const env = Object.entries(profile.env).map(([name, value]) => `${name}=${value}`);
  return { argv: [program, option, script], env, stdin: new Uint8Array(), limits: { ...defaults, ...limits } };
}
