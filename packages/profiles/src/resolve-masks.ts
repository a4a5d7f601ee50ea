import { ownDirectories, type Profile } from './profile.ts';
import type { ResolvedLink, ResolvedViewPath } from './resolve-view.ts';

/** A path that a jail has and holds closed; of a `listing` what lies below stays within reach. */
export interface ResolvedMask {
  readonly kind: 'file' | 'directory' | 'listing';
  readonly path: string;
}

/** What a jail shows: enough of a resolved profile to know what a mask may close. */
export interface Shown {
  readonly profile: Pick<Profile, 'name' | 'masked' | 'workDirectory'>;
  readonly view: readonly ResolvedViewPath[];
  readonly links: readonly ResolvedLink[];
}

/**
 * What the jailer is to hold closed. Throws a sentence when a mask lies in what the view shows, which is the host's own and read-only, or would
 * close what the jail cannot do without.
 */
export function resolveMasks({ profile, view, links }: Shown): readonly ResolvedMask[] {
  const shown = [...view.map(({ target }) => target), ...links.map(({ path }) => path), profile.workDirectory];
  const needed = ownDirectories.filter((path) => !closable.includes(path));
  return profile.masked.map((text): ResolvedMask => {
    const path = text === '/' ? text : text.replace(/\/$/, '');
    const hidden = [...shown, ...needed].find((place) => path === place || path.startsWith(`${place}/`));
    if (hidden !== undefined && !closable.includes(path)) {
      throw new Error(`${path} cannot be masked, since the jail shows ${hidden}: take one of them out of the profile`);
    }
    const hasMore = path === '/' || shown.some((place) => place.startsWith(`${path}/`));
    if (hasMore && !text.endsWith('/')) {
      throw new Error(`${path} cannot be masked as a file, since the jail shows more below it: write ${path}/`);
    }
    if (hasMore) return { kind: 'listing', path };
    return { kind: text.endsWith('/') || closable.includes(path) ? 'directory' : 'file', path };
  });
}

/** Of the directories that every jail makes itself, those that a program may have to do without. */
const closable: readonly string[] = ['/tmp', '/dev/shm', '/proc'];

/** Whether nothing of this directory can be had in a profile's jails. */
export function masksDirectory({ masked }: Pick<Profile, 'masked'>, directory: string): boolean {
  return masked.includes(directory) || masked.includes(`${directory}/`);
}
