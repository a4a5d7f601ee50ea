import { posix } from 'node:path';
import { expandPattern } from './expand-pattern.ts';
import type { ProfileHost } from './host.ts';
import type { Profile } from './profile.ts';
import { type JailPaths, placeInView, type ResolvedViewPath } from './resolve-view.ts';

export interface ResolvedToolchain {
  /** Path inside the jail. */
  readonly program: string;
  /** First line of what it prints about its version. */
  readonly version: string;
  /** What the jail must show besides the view; null when the program lies in the view. */
  readonly mount: ResolvedViewPath | null;
}

const VERSION_CHARACTERS = 200;

/**
 * Finds the profile's program on this host and asks it for its version.
 * Throws a sentence when no candidate exists or the one found does not run.
 */
export async function resolveToolchain(
  profile: Profile,
  view: readonly ResolvedViewPath[],
  host: ProfileHost,
  paths: JailPaths = 'own',
): Promise<ResolvedToolchain> {
  const program = await findProgram(profile, host);
  const real = await host.realpath(program);
  if (real === null) throw new Error(`${program} disappeared while it was looked at`);
  // Asked by its own name: a program such as a compiler's driver decides by that name what it is.
  const version = await readVersion(profile, program, host);
  const shown = placeInView(real, view);
  if (shown !== null) return { program: shown, version, mount: null };
  const mount = mountOf(profile, real, paths);
  return { program: mount.target + real.slice(mount.source.length), version, mount };
}

async function findProgram(profile: Profile, host: ProfileHost): Promise<string> {
  const { title, programs } = profile.toolchain;
  const tried: string[] = [];
  for (const pattern of programs) {
    const path = pattern.replace('{node}', host.node).replace('{home}', host.home);
    tried.push(path);
    for (const candidate of await expandPattern(path, host)) {
      if (await host.isExecutable(candidate)) return candidate;
    }
  }
  throw new Error(`no ${title} on this host: none of ${tried.join(', ')} is an executable file`);
}

async function readVersion(profile: Profile, program: string, host: ProfileHost): Promise<string> {
  const args = profile.toolchain.versionArgs;
  const asked = [program, ...args].join(' ');
  let text: string;
  try {
    text = await host.version(program, args);
  } catch (cause) {
    throw new Error(`"${asked}" failed: ${firstLine(cause instanceof Error ? cause.message : String(cause))}`, {
      cause,
    });
  }
  const line = firstLine(text);
  if (line === '') throw new Error(`"${asked}" printed no version`);
  return line;
}

/** The directory of a toolchain outside the view: `mountLevels` above the program, shown at `mountAt` or at its own place. */
function mountOf(profile: Profile, program: string, paths: JailPaths): ResolvedViewPath {
  const { mountAt, mountLevels } = profile.toolchain;
  let source = program;
  for (let level = 0; level < mountLevels; level += 1) source = posix.dirname(source);
  if (source === '/')
    throw new Error(`${program} lies too high to be shown in a jail: its toolchain would be the whole host`);
  return { access: 'execute', source, target: paths === 'host' ? source : (mountAt ?? source) };
}

function firstLine(text: string): string {
  const line = text.split('\n').find((candidate) => candidate.trim() !== '') ?? '';
  return line.trim().slice(0, VERSION_CHARACTERS);
}
