import { posix } from 'node:path';
import { expandPattern } from './expand-pattern.ts';
import type { ProfileHost } from './host.ts';
import type { Profile, ViewPath } from './profile.ts';

/** A path of the host as the jail shows it. */
export interface ResolvedViewPath {
  readonly access: 'read' | 'execute';
  /** Real path on the host: no part of it is a symbolic link. */
  readonly source: string;
  readonly target: string;
}

/** A symbolic link in the jail's root. */
export interface ResolvedLink {
  readonly text: string;
  /** Where it stands in the jail. */
  readonly path: string;
}

/** A link of a profile, and where in the jail it leads in the end. */
export interface PlacedLink extends ResolvedLink {
  readonly place: string;
}

/** Whose paths a jail has: those of a root of its `own`, into which the view is mounted, or the `host`'s, where nothing can be. */
export type JailPaths = 'own' | 'host';

/** Top-level directories that most systems merge into /usr by a link. */
export const mergedDirectories = ['bin', 'lib', 'lib32', 'lib64', 'libx32', 'sbin'];

/**
 * The view's paths that this host has, with their real sources. A jail with the host's paths has them at these places.
 * Throws a sentence when one that is not optional is missing, or has a target that only a mount could make; an optional one is left out then.
 */
export async function resolveView(
  view: readonly ViewPath[],
  host: ProfileHost,
  paths: JailPaths = 'own',
): Promise<readonly ResolvedViewPath[]> {
  const byTarget = new Map<string, ResolvedViewPath>();
  for (const path of view) {
    const sources = await expandPattern(path.source, host);
    let found = false;
    for (const candidate of sources) {
      const source = await host.realpath(candidate);
      if (source === null) continue;
      found = true;
      if (paths === 'host' && (await host.realpath(path.target ?? candidate)) !== source) {
        if (path.optional) continue;
        throw otherPlace(source, path.target ?? candidate);
      }
      const target = paths === 'host' ? source : (path.target ?? candidate);
      if (!byTarget.has(target)) byTarget.set(target, { access: path.access, source, target });
    }
    if (!found && !path.optional) throw new Error(`this host has no ${path.source}, which the profile must show`);
  }
  return [...byTarget.values()];
}

function otherPlace(source: string, target: string): Error {
  return new Error(
    `${source} cannot be shown at ${target}: the jails of this worker have the host's paths, and mount nothing`,
  );
}

/**
 * What stands in the jail for /bin, /lib and the like: a link where the host has one and the view shows something below its end,
 * the directory itself on hosts that never merged it into /usr.
 */
export async function resolveMergedDirectories(
  view: readonly ResolvedViewPath[],
  host: ProfileHost,
): Promise<{ readonly links: readonly ResolvedLink[]; readonly directories: readonly ResolvedViewPath[] }> {
  const links: ResolvedLink[] = [];
  const directories: ResolvedViewPath[] = [];
  for (const name of mergedDirectories) {
    const path = `/${name}`;
    if (view.some(({ target }) => isBelow(target, path))) continue;
    const text = await host.linkText(path);
    if (text !== null) {
      if (view.some(({ target }) => isBelow(target, posix.resolve('/', text)))) links.push({ text, path });
      continue;
    }
    const twin = view.find(({ target }) => target === `/usr${path}`);
    const source = twin === undefined ? null : await host.realpath(path);
    if (twin !== undefined && source !== null) directories.push({ access: twin.access, source, target: path });
  }
  return { links, directories };
}

/**
 * The profile's links that lead to something which this host has and the view shows, and stand where the view shows nothing itself; the first
 * of one place. Throws a sentence when one would stand where the jail has a directory.
 */
export async function resolveLinks(
  links: Profile['links'],
  view: readonly ResolvedViewPath[],
  host: ProfileHost,
): Promise<readonly PlacedLink[]> {
  const found: PlacedLink[] = [];
  for (const { path, to } of links) {
    const real = await host.realpath(to);
    const place = real === null ? null : placeInView(real, view);
    const isTaken = found.some((link) => link.path === path) || view.some(({ target }) => isBelow(path, target));
    if (place === null || isTaken) continue;
    const below = [...view.map(({ target }) => target), ...found.map((link) => link.path)].find((at) =>
      isBelow(at, path),
    );
    if (below !== undefined) throw new Error(`no link can stand at ${path}, since the jail shows ${below} below it`);
    found.push({ text: to, path, place });
  }
  return found;
}

/** Where the jail shows the host's real path `real`; null when the view does not. */
export function placeInView(real: string, view: readonly ResolvedViewPath[]): string | null {
  for (const { source, target } of view) {
    if (isBelow(real, source)) return target + real.slice(source.length);
  }
  return null;
}

/** Whether `path` is `directory` or lies below it. */
function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}
