/** The kernel's list of loaded AppArmor profiles: name to mode (`enforce`, `complain`, `kill`, `unconfined` ...). */
export type LoadedProfiles = ReadonlyMap<string, string>;

/** Reads the lines `NAME (MODE)` of /sys/kernel/security/apparmor/profiles. */
export function parseLoadedProfiles(text: string): LoadedProfiles {
  const loaded = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name, mode] = /^(.+) \(([a-z]+)\)$/.exec(line) ?? [];
    if (name !== undefined && mode !== undefined) loaded.set(name, mode);
  }
  return loaded;
}

/**
 * Whether a kernel enforces a profile: `enforced`, or `not-enforced` (loaded in another mode), `stale` (only other versions of it are
 * loaded) or `missing`.
 */
export type AppArmorState = 'enforced' | 'not-enforced' | 'stale' | 'missing';

export interface AppArmorFinding {
  readonly state: AppArmorState;
  /** Mode of the profile of exactly this name; null when it is not loaded. */
  readonly mode: string | null;
  /** Names of other versions that are loaded. */
  readonly otherVersions: readonly string[];
}

/** Looks for the AppArmor profile `name` of the Bullpen profile `profileName` among the loaded ones. */
export function findLoaded(profileName: string, name: string, loaded: LoadedProfiles): AppArmorFinding {
  const mode = loaded.get(name) ?? null;
  const otherVersions = [...loaded.keys()].filter(
    (other) => other !== name && appArmorProfileOwner(other) === profileName,
  );
  if (mode === null) return { state: otherVersions.length > 0 ? 'stale' : 'missing', mode, otherVersions };
  return { state: mode === 'enforce' ? 'enforced' : 'not-enforced', mode, otherVersions };
}

/** The Bullpen profile that an AppArmor profile of this name was made from; null when it is not one of ours. */
export function appArmorProfileOwner(name: string): string | null {
  return /^bullpen-([a-z][a-z0-9-]{0,31})-[0-9a-f]{12}$/.exec(name)?.[1] ?? null;
}
