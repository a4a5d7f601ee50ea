import { builtinProfiles } from './builtin/index.ts';
import { profileForFile } from './profile-for-file.ts';
import type { Profile } from './profile.ts';

/** All profiles that one process knows. */
export interface Catalog {
  /** In the order of listing: built-in ones first, then the operator's. */
  readonly profiles: readonly Profile[];
  get(name: string): Profile | undefined;
  /** The profile that claims the file's extension; an operator's before a built-in one. */
  forFile(path: string): Profile | null;
}

/** The built-in profiles and the operator's; an operator's profile takes the place of a built-in one of the same name. */
export function createCatalog(operatorProfiles: readonly Profile[] = []): Catalog {
  const byName = new Map<string, Profile>();
  for (const profile of [...builtinProfiles, ...operatorProfiles]) byName.set(profile.name, profile);
  const profiles = [...byName.values()];
  return {
    profiles,
    get: (name) => byName.get(name),
    forFile: (path) => profileForFile(path, [...operatorProfiles, ...profiles]),
  };
}
