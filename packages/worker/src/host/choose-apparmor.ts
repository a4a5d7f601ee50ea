import { readFileSync } from 'node:fs';
import {
  type AppArmorProfile,
  findLoaded,
  findUncovered,
  type LoadedProfiles,
  parseLoadedProfiles,
  type Profile,
  renderAppArmorProfile,
  type ResolvedProfile,
  viewRules,
} from '@bullpen/profiles';
import type { WorkerConfig } from '../config.ts';
import { findAlteredRules } from './compare-rules.ts';

/** What this worker can know of its kernel's AppArmor. */
export interface AppArmorKernel {
  readonly enabled: boolean;
  /** Null when this process may not read the list: only the host's root may, and only where securityfs is mounted. */
  readonly loaded: LoadedProfiles | null;
  /** Names of loaded profiles that hold other rules than they should. */
  readonly altered: ReadonlySet<string>;
}

/** Which AppArmor profile the programs of each profile enter, and why others enter none. Both by the profile's name. */
export interface AppArmorChoice {
  readonly names: ReadonlyMap<string, string>;
  /** Sentences. */
  readonly reasons: ReadonlyMap<string, string>;
}

/**
 * Chooses for every available profile. The jailer never leaves out a profile that it was told to enter, so only what is loaded and enforced
 * is chosen. Throws one sentence when the configuration requires AppArmor and some profile would do without.
 */
export function chooseAppArmor(
  config: Pick<WorkerConfig, 'apparmor' | 'apparmorWorkerLabel'>,
  available: readonly ResolvedProfile[],
  kernel: AppArmorKernel,
): AppArmorChoice {
  const isRequired = config.apparmor === 'required';
  if (isRequired && !kernel.enabled) {
    throw new Error(
      'The configuration requires AppArmor, which this kernel lacks or has switched off: boot one with apparmor=1, or set apparmor to "when-loaded".',
    );
  }
  const names = new Map<string, string>();
  const reasons = new Map<string, string>();
  if (config.apparmor === 'off' || !kernel.enabled) return { names, reasons };
  for (const resolved of available) {
    const { name, reason } = chooseForProfile(resolved, {
      workerLabel: config.apparmorWorkerLabel,
      kernel,
      isRequired,
    });
    if (name === null) reasons.set(resolved.profile.name, reason);
    else names.set(resolved.profile.name, name);
  }
  const [refusal] = reasons.values();
  if (isRequired && refusal !== undefined) throw new Error(`The configuration requires AppArmor. ${refusal}`);
  return { names, reasons };
}

type Verdict = { readonly name: string; readonly reason: null } | { readonly name: null; readonly reason: string };

interface Circumstances {
  readonly workerLabel: string;
  readonly kernel: AppArmorKernel;
  readonly isRequired: boolean;
}

function chooseForProfile(resolved: ResolvedProfile, { workerLabel, kernel, isRequired }: Circumstances): Verdict {
  const { profile, view } = resolved;
  const refuse = (why: string): Verdict => ({ name: null, reason: `Profile ${profile.name} ${why}.` });
  let name: string;
  try {
    ({ name } = renderAppArmorProfile(profile, { workerLabel }));
  } catch (error) {
    return refuse(`cannot be confined by AppArmor: ${error instanceof Error ? error.message : String(error)}`);
  }
  const uncovered = findUncovered(viewRules(profile), view);
  if (uncovered !== null) {
    return refuse(
      `shows ${uncovered} on this host, which its AppArmor profile cannot name beforehand: give its toolchain a mountAt such as /opt/tool`,
    );
  }
  if (kernel.loaded === null) {
    // The jailer finds out: it makes no jail when the profile cannot be entered.
    if (isRequired) return { name, reason: null };
    return refuse(
      'runs without AppArmor, since this process may not read /sys/kernel/security/apparmor/profiles: ' +
        'if `bullpen apparmor load` was run on this host, set apparmor to "required"',
    );
  }
  const { state, mode, otherVersions } = findLoaded(profile.name, name, kernel.loaded);
  if (state === 'enforced' && kernel.altered.has(name)) {
    return refuse(
      `has other rules in this kernel under ${name} than it makes (a file was edited by hand, or another parser compiled it): run \`bullpen apparmor load\` as root`,
    );
  }
  if (state === 'enforced') return { name, reason: null };
  return refuse(
    {
      missing: `has no AppArmor profile in this kernel: run \`bullpen apparmor load\` as root to load ${name}`,
      stale: `has only the outdated AppArmor profile ${otherVersions.join(' and ')} in this kernel: run \`bullpen apparmor load\` as root to load ${name}`,
      'not-enforced': `has its AppArmor profile ${name} loaded in ${mode} mode, which enforces nothing: run \`bullpen apparmor load\` as root`,
    }[state],
  );
}

/** Asks this process's kernel about the AppArmor profiles of these. */
export async function readAppArmorKernel(
  config: Pick<WorkerConfig, 'apparmor' | 'apparmorWorkerLabel'>,
  available: readonly ResolvedProfile[],
): Promise<AppArmorKernel> {
  const enabled = readOrNull('/sys/module/apparmor/parameters/enabled')?.trim() === 'Y';
  const list = enabled ? readOrNull('/sys/kernel/security/apparmor/profiles') : null;
  if (list === null || config.apparmor === 'off') return { enabled, loaded: null, altered: new Set() };
  const loaded = parseLoadedProfiles(list);
  const rendered = available.flatMap(({ profile }) => renderOrNone(profile, config.apparmorWorkerLabel));
  return { enabled, loaded, altered: await findAlteredRules(rendered.filter(({ name }) => loaded.has(name))) };
}

/** One that cannot be rendered is told when it is chosen for. */
function renderOrNone(profile: Profile, workerLabel: string): readonly AppArmorProfile[] {
  try {
    return [renderAppArmorProfile(profile, { workerLabel })];
  } catch {
    return [];
  }
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null; // not there, not mounted or not ours to read: all the same to the choice
  }
}
