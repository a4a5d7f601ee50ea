import { readFileSync } from 'node:fs';
import { readProgramVersion } from '@bullpen/jailer';
import {
  type Catalog,
  createCatalog,
  hasHostPaths,
  type JailMode,
  limitDisk,
  makeNodeHost,
  parseProfiles,
  type Profile,
  type ProfileResolution,
  type ResolvedProfile,
  resolveProfile,
} from '@bullpen/profiles';
import { findClosedPath } from './find-closed-path.ts';

/** The profiles of this worker: which it knows, and which of them its host can run. */
export interface WorkerCatalog {
  readonly catalog: Catalog;
  /** In the order of the jailer's table: a profile's index here is its number there. */
  readonly available: readonly ResolvedProfile[];
  /** Name of each other profile, and why this host cannot run it. */
  readonly unavailable: ReadonlyMap<string, string>;
}

/**
 * Reads the operator's file, if any, and looks for every profile's toolchain as jails of this mode can have it. Throws a sentence when the file is
 * wrong.
 */
export async function loadProfiles(profilesFile: string | null, mode: JailMode = 'root'): Promise<WorkerCatalog> {
  const catalog = createCatalog(
    profilesFile === null ? [] : parseProfiles(readProfilesFile(profilesFile), profilesFile),
  );
  const host = makeNodeHost({ version: readProgramVersion });
  const paths = hasHostPaths(mode) ? 'host' : 'own';
  const found = await Promise.all(catalog.profiles.map((profile) => resolveProfile(profile, host, paths)));
  const resolutions = mode === 'classic' ? found.map(refuseClosedPaths) : found;
  return {
    catalog,
    available: resolutions.filter((resolution) => resolution.available),
    unavailable: new Map(
      resolutions.flatMap((resolution) =>
        resolution.available ? [] : [[resolution.profile.name, resolution.reason] as const],
      ),
    ),
  };
}

/** Programs of classic jails have users of their own, who reach no further than anybody on this host. */
function refuseClosedPaths(resolution: ProfileResolution): ProfileResolution {
  if (!resolution.available) return resolution;
  const { profile, program, view } = resolution;
  const closed = [program, ...view.map(({ source }) => source)].map(findClosedPath).find((path) => path !== null);
  if (closed === undefined) return resolution;
  const reason =
    `${closed} is closed to other users, and the jails of this worker have the host's paths: ` +
    'install its toolchain where everybody can read it';
  return { available: false, profile, reason };
}

/** The same profiles, with ceilings of what a job may write that a place of this size can hold. */
export function limitDisks(profiles: WorkerCatalog, placeBytes: number): WorkerCatalog {
  const available = profiles.available.map((each) => ({ ...each, profile: limitDisk(each.profile, placeBytes) }));
  const limited = new Map(available.map(({ profile }) => [profile.name, profile]));
  const { catalog, unavailable } = profiles;
  return {
    catalog: createCatalog(catalog.profiles.map((profile) => withCeilings(profile, limited.get(profile.name)))),
    available,
    unavailable,
  };
}

/** A resolved profile has an environment of its own, which the catalog's has not. */
function withCeilings(profile: Profile, limited: Profile | undefined): Profile {
  return limited === undefined ? profile : { ...profile, ceilings: limited.ceilings };
}

function readProfilesFile(path: string): unknown {
  if (/\.[cm]?[jt]s$/.test(path)) {
    throw new Error(
      `The profiles file ${path} is a program, and a worker reads JSON only: name a JSON file, or start the worker with \`bullpen worker --profiles ${path}\`, which passes on what it exports.`,
    );
  }
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new Error(
      `The profiles file ${path} cannot be read as JSON: ${cause instanceof Error ? cause.message : String(cause)}.`,
      { cause },
    );
  }
}
