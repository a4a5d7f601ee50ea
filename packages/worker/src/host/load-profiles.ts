import { readFileSync } from 'node:fs';
import { readProgramVersion } from '@bullpen/jailer';
import {
  type Catalog,
  createCatalog,
  makeNodeHost,
  parseProfiles,
  type ResolvedProfile,
  resolveProfile,
} from '@bullpen/profiles';

/** The profiles of this worker: which it knows, and which of them its host can run. */
export interface WorkerCatalog {
  readonly catalog: Catalog;
  /** In the order of the jailer's table: a profile's index here is its number there. */
  readonly available: readonly ResolvedProfile[];
  /** Name of each other profile, and why this host cannot run it. */
  readonly unavailable: ReadonlyMap<string, string>;
}

/** Reads the operator's file, if any, and looks for every profile's toolchain. Throws a sentence when the file is wrong. */
export async function loadProfiles(profilesFile: string | null): Promise<WorkerCatalog> {
  const catalog = createCatalog(
    profilesFile === null ? [] : parseProfiles(readProfilesFile(profilesFile), profilesFile),
  );
  const host = makeNodeHost({ version: readProgramVersion });
  const resolutions = await Promise.all(catalog.profiles.map((profile) => resolveProfile(profile, host)));
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

function readProfilesFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new Error(
      `The profiles file ${path} cannot be read as JSON: ${cause instanceof Error ? cause.message : String(cause)}.`,
      { cause },
    );
  }
}
