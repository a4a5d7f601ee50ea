import {
  type Jail,
  type JailCommand,
  JailerError,
  type JailLayer,
  type JailRequest,
  type JailSlot,
} from '@bullpen/jailer';
import { commandLimitNames, type CommandLimits, type ResolvedProfile } from '@bullpen/profiles';
import { assertFloor, defaultFloor, type Floor } from './floor.ts';
import { hostPathProbes } from './host-path-probes.ts';
import { limitProbes, smallDisk } from './limit-probes.ts';
import { ownRootProbes } from './own-root-probes.ts';
import { type Probe, ProbeError, type ProbeJail } from './probe.ts';
import { makeExecuteProbe, outsidePrograms, shellProbes } from './shell-probes.ts';
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
 * slot's own JailerError; only what was seen to hold counts. The slot must be nobody else's meanwhile. Returns the layers of a jail of bash.
 */
export async function probeSlot(
  slot: JailSlot,
  available: readonly ResolvedProfile[],
  floor: Floor = defaultFloor,
): Promise<readonly JailLayer[]> {
  const [first, ...rest] = planRound(available);
  const layers = await probeInJail(slot, first, floor);
  for (const plan of rest) await probeInJail(slot, plan, floor);
  return layers;
}

function planRound(available: readonly ResolvedProfile[]): readonly [ProbePlan, ...ProbePlan[]] {
  const profileNumber = available.findIndex(({ profile }) => profile.name === 'bash');
  const bash = available[profileNumber];
  if (bash === undefined) {
    throw new Error('The worker proves its jails with the profile bash, which this host cannot run: install bash.');
  }
  const { diskBytes, diskFiles } = bash.profile.defaults;
  const bashProbes = [
    ...shellProbes,
    makeExecuteProbe(hiddenPrograms(bash)),
    ...ownRootProbes,
    ...hostPathProbes,
    ...limitProbes,
  ];
  const bashPlan = (jail: ProbeJail, disk: { diskBytes: number; diskFiles: number }): ProbePlan => ({
    resolved: bash,
    option: '-c',
    request: { profileNumber, ...disk, files: [] },
    probes: bashProbes.filter((probe) => probe.jail === jail),
  });
  const first = bashPlan('first', { diskBytes, diskFiles });
  const second = bashPlan('second', smallDisk);
  const strict = findStrictProbes(available);
  const resolved = available[strict?.profileNumber ?? -1];
  if (strict === null || resolved === undefined) return [first, second];
  const request = { profileNumber: strict.profileNumber, diskBytes, diskFiles, files: [intruder] };
  return [first, second, { resolved, option: strict.option, request, probes: strict.probes }];
}

/** Those of the programs outside that this profile does not show. */
function hiddenPrograms({ view, program }: ResolvedProfile): readonly string[] {
  const shown = [program, ...view.map(({ target }) => target)];
  return outsidePrograms.filter((path) => !shown.some((target) => path === target || path.startsWith(`${target}/`)));
}

async function probeInJail(slot: JailSlot, plan: ProbePlan, floor: Floor): Promise<readonly JailLayer[]> {
  const jail = await slot.open(plan.request).catch(throwFor(slot, 'a jail can be made'));
  const layers = new Set(jail.layers.map(({ name }) => name));
  try {
    assertFloor(slot, jail, floor);
    const probes = plan.probes.filter((probe) => probe.appliesTo?.(layers) ?? true);
    for (const probe of probes) await runProbe(slot, jail, plan, probe);
    return jail.layers;
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
