import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { canonicalJson } from './canonical-json.ts';
import type { ProfileHost } from './host.ts';
import { ownDirectories, type Profile } from './profile.ts';
import { resolveMasks } from './resolve-masks.ts';
import { resolveToolchain } from './resolve-toolchain.ts';
import {
  type JailPaths,
  type ResolvedLink,
  type ResolvedViewPath,
  resolveLinks,
  resolveMergedDirectories,
  resolveView,
} from './resolve-view.ts';

/** A profile on one host: what its jails show there, and which program they run. */
export interface ResolvedProfile {
  readonly available: true;
  /** The profile; its PATH begins with the program's own directory in the jail. */
  readonly profile: Profile;
  readonly view: readonly ResolvedViewPath[];
  readonly links: readonly ResolvedLink[];
  /** Path of the program inside the jail. */
  readonly program: string;
  /** First line of what the program prints about its version. */
  readonly toolchainVersion: string;
  /** SHA-256 in hex over the profile, its view and the toolchain's version: two workers with the same digest run the same thing. */
  readonly digest: string;
}

/** A profile that this host cannot run, and why, as a sentence without its full stop. */
export interface UnavailableProfile {
  readonly available: false;
  readonly profile: Profile;
  readonly reason: string;
}

export type ProfileResolution = ResolvedProfile | UnavailableProfile;

/**
 * Looks up a profile's view and toolchain on a host, for jails with these paths. Never rejects for what the host lacks: that makes the profile
 * unavailable.
 */
export async function resolveProfile(
  profile: Profile,
  host: ProfileHost,
  paths: JailPaths = 'own',
): Promise<ProfileResolution> {
  try {
    return await resolveOnHost(profile, host, paths);
  } catch (error) {
    return { available: false, profile, reason: error instanceof Error ? error.message : String(error) };
  }
}

async function resolveOnHost(profile: Profile, host: ProfileHost, paths: JailPaths): Promise<ResolvedProfile> {
  if (paths === 'host') refuseJailPaths(profile);
  const shown = await resolveView(profile.view, host, paths);
  const { links: merged, directories } = await resolveMergedDirectories(shown, host);
  const own = paths === 'host' ? [] : await resolveLinks(profile.links, [...shown, ...directories], host);
  const toolchain = await resolveToolchain(profile, [...shown, ...directories], host, paths);
  const view = [...shown, ...directories, ...(toolchain.mount === null ? [] : [toolchain.mount])];
  const reserved = paths === 'host' ? hostReserved : [...ownDirectories, profile.workDirectory];
  for (const { source, target } of view) refuseReservedTarget(source, target, reserved);
  for (const { text, path } of own) refuseReservedTarget(`a link to ${text}`, path, reserved);
  const links = [...merged, ...own.map(({ text, path }) => ({ text, path }))];
  resolveMasks({ profile, view, links });
  const program = own.find(({ place }) => place === toolchain.program)?.path ?? toolchain.program;
  const resolved = { ...profile, env: withProgramFirst(profile.env, program) };
  return {
    available: true,
    profile: resolved,
    view,
    links,
    program,
    toolchainVersion: toolchain.version,
    digest: digestOf({ profile: resolved, view, links, toolchainVersion: toolchain.version }),
  };
}

/** Directories of the host that no view may open. Elsewhere every jail makes some itself, and would hide what a view put there. */
const hostReserved: readonly string[] = ['/dev', '/proc'];

function refuseReservedTarget(what: string, target: string, all: readonly string[]): void {
  // Nor may a view hide one of them by showing what lies above it.
  const reserved = all.find(
    (directory) => target === directory || target.startsWith(`${directory}/`) || directory.startsWith(`${target}/`),
  );
  if (target !== '/' && reserved === undefined) return;
  throw new Error(
    `${what} cannot be shown at ${target}, since the jail has a ${reserved ?? '/'} of its own: ` +
      'give the view path another target, or the toolchain a mountAt such as /opt/tool',
  );
}

/** The jailer says in HOME and TMPDIR where a jail's own directories are; whatever else names them would lead to the host's. */
function refuseJailPaths({ env, workDirectory }: Profile): void {
  for (const [name, value] of Object.entries(env)) {
    if ((name === 'HOME' && value === workDirectory) || (name === 'TMPDIR' && value === '/tmp')) continue;
    if (![workDirectory, '/tmp', '/dev/shm'].some((own) => namesDirectory(value, own))) continue;
    throw new Error(
      `its environment has ${name}=${value}, a directory that only jails with mounts have: the jails of this worker have the host's paths`,
    );
  }
}

/** Whether `directory`, or something in it, is one of the paths of a variable's value. */
function namesDirectory(value: string, directory: string): boolean {
  return value.split(/[:=]/).some((path) => path === directory || path.startsWith(`${directory}/`));
}

/** Recipes and jobs name programs by plain names, so the PATH must lead to the one that was found, and to it first. */
function withProgramFirst(env: Profile['env'], program: string): Profile['env'] {
  const directory = posix.dirname(program);
  const others = (env['PATH'] ?? '').split(':').filter((entry) => entry !== '' && entry !== directory);
  return { ...env, PATH: [directory, ...others].join(':') };
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
