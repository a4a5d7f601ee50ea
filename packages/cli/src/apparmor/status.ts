import {
  type AppArmorProfile,
  appArmorProfileOwner,
  type AppArmorState,
  findLoaded,
  type LoadedProfiles,
} from '@bullpen/profiles';

/** One AppArmor profile: of a Bullpen profile as it is now, or an older version or one of a profile not known here that is loaded. */
export interface AppArmorRow {
  /** Name of the Bullpen profile. */
  readonly profile: string;
  readonly name: string;
  readonly state: AppArmorState | 'outdated';
  readonly mode: string | null;
  /** Processes of this host that run under it. */
  readonly processes: number;
}

/** A Bullpen profile's AppArmor profile. */
export interface WantedProfile extends AppArmorProfile {
  readonly profile: string;
}

/** Compares what should be loaded with what is: first every wanted profile in order, then the others of ours. */
export function describeStatus(
  wanted: readonly WantedProfile[],
  loaded: LoadedProfiles,
  confined: ReadonlyMap<string, number>,
): readonly AppArmorRow[] {
  const known = new Set(wanted.map(({ name }) => name));
  const current = wanted.map(({ profile, name }): AppArmorRow => {
    const { state, mode } = findLoaded(profile, name, loaded);
    return { profile, name, state, mode, processes: confined.get(name) ?? 0 };
  });
  const others = [...loaded].flatMap(([name, mode]): AppArmorRow[] => {
    const profile = appArmorProfileOwner(name);
    if (profile === null || known.has(name)) return [];
    return [{ profile, name, state: 'outdated', mode, processes: confined.get(name) ?? 0 }];
  });
  return [...current, ...others];
}
