import { readProgramVersion } from '@bullpen/jailer';
import { makeNodeHost, type ProfileResolution, resolveProfile } from '@bullpen/profiles';
import { loadCatalog } from '../job/load-catalog.ts';
import { paint } from '../output/paint.ts';
import { renderTable } from '../output/render-table.ts';
import { printJson, writeAll } from '../output/write-all.ts';

export interface ProfilesOptions {
  readonly profiles?: string;
  readonly json?: boolean;
}

/** Prints every profile and whether this machine can run it, as a worker on it would find. */
export async function listProfiles(options: ProfilesOptions): Promise<number> {
  const catalog = await loadCatalog(options.profiles);
  const host = makeNodeHost({ version: readProgramVersion });
  const resolutions = await Promise.all(catalog.profiles.map((profile) => resolveProfile(profile, host)));
  if (options.json === true) await printJson(resolutions.map(describe));
  else await writeAll(process.stdout, renderTable([heading(), ...resolutions.map(row)]));
  return 0;
}

function describe(resolution: ProfileResolution) {
  const { name, version, summary, extensions, toolchain, defaults, ceilings } = resolution.profile;
  return {
    name,
    version,
    title: toolchain.title,
    summary,
    extensions,
    available: resolution.available,
    toolchain: resolution.available ? resolution.toolchainVersion : null,
    reason: resolution.available ? null : resolution.reason,
    defaults,
    ceilings,
  };
}

function heading(): string[] {
  return ['NAME', 'TITLE', 'FILES', 'AVAILABLE'].map((word) => paint('bold', word));
}

function row(resolution: ProfileResolution): string[] {
  const { name, extensions, toolchain } = resolution.profile;
  const state = resolution.available
    ? paint('green', resolution.toolchainVersion)
    : paint('yellow', `no: ${resolution.reason}`);
  return [name, toolchain.title, extensions.join(' '), state];
}
