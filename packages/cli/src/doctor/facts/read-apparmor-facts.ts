import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AppArmorProfile,
  builtinProfiles,
  findLoaded,
  type LoadedProfiles,
  renderAppArmorProfile,
  type ResolvedProfile,
} from '@bullpen/profiles';
import { findAlteredRules, type WorkerConfig } from '@bullpen/worker';
import { isAppArmorEnabled, readLoadedProfiles, realPlaces } from '../../apparmor/kernel.ts';
import { lookForParser } from '../../apparmor/parser.ts';
import { checkout } from '../../fleet/checkout.ts';
import type { AppArmorFacts, AppArmorProfileFacts } from './host-facts.ts';

/** What this kernel has of the profiles that a worker can run here, and whether the generated files are what they should be. */
export async function readAppArmorFacts(
  config: Pick<WorkerConfig, 'apparmor' | 'apparmorWorkerLabel'>,
  available: readonly ResolvedProfile[],
  searchPath: string,
): Promise<AppArmorFacts> {
  const enabled = isAppArmorEnabled(realPlaces);
  const parser = lookForParser(searchPath);
  const loaded = enabled ? loadedOrNull() : null;
  return {
    enabled,
    setting: config.apparmor,
    parser,
    profiles: loaded && (await compare(available, { loaded, parser, workerLabel: config.apparmorWorkerLabel })),
    files: compareFiles(join(checkout, 'deploy/apparmor')),
  };
}

function loadedOrNull(): LoadedProfiles | null {
  try {
    return readLoadedProfiles(realPlaces);
  } catch {
    return null; // to be read by root alone, or securityfs is not mounted
  }
}

interface Kernel {
  readonly loaded: LoadedProfiles;
  readonly parser: string | null;
  readonly workerLabel: string;
}

async function compare(
  available: readonly ResolvedProfile[],
  kernel: Kernel,
): Promise<readonly AppArmorProfileFacts[]> {
  const { loaded, parser, workerLabel } = kernel;
  const rendered = available.flatMap(({ profile }) => renderOrNone(profile, workerLabel));
  const altered = await findAlteredRules(rendered.filter(({ name }) => loaded.has(name)));
  return rendered.map(({ profile, name }) => {
    const { state, mode } = findLoaded(profile, name, loaded);
    const isComparable = parser !== null && state !== 'missing' && state !== 'stale';
    return { profile, name, state, mode, isGenuine: altered.has(name) ? false : isComparable ? true : null };
  });
}

/** One that AppArmor cannot be told runs without it: `bullpen apparmor` says why. */
function renderOrNone(
  profile: ResolvedProfile['profile'],
  workerLabel: string,
): readonly (AppArmorProfile & { readonly profile: string })[] {
  try {
    return [{ profile: profile.name, ...renderAppArmorProfile(profile, { workerLabel }) }];
  } catch {
    return [];
  }
}

/** Which generated files in `folder` are not what the built-in profiles make. Null when the folder was not delivered. */
export function compareFiles(folder: string): AppArmorFacts['files'] {
  if (!existsSync(folder)) return null;
  return builtinProfiles.flatMap((profile): NonNullable<AppArmorFacts['files']> => {
    const file = `${profile.name}.apparmor`;
    const path = join(folder, file);
    if (!existsSync(path)) return [{ file, state: 'missing' }];
    if (readFileSync(path, 'utf8') === renderAppArmorProfile(profile).text) return [];
    return [{ file, state: 'edited' }];
  });
}
