import { posix } from 'node:path';
import type { Profile } from './profile.ts';

/** The first of `profiles` that claims the extension of `path`; null when none does. Extensions are compared without regard to case. */
export function profileForFile(path: string, profiles: Iterable<Profile>): Profile | null {
  const extension = posix.extname(path).toLowerCase();
  if (extension === '') return null;
  for (const profile of profiles) {
    if (profile.extensions.includes(extension)) return profile;
  }
  return null;
}
