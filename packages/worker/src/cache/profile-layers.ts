/** What the jails of this worker have, by profile: supposed until one was measured. */
export interface ProfileLayers {
  /** Names, in order. */
  of(profile: string): readonly string[];
  /** Compares with what a jail of the profile turned out to have; when that is something else it is what others are supposed to have. */
  confirm(profile: string, measured: readonly { readonly name: string }[]): boolean;
}

export function createProfileLayers(supposed: Readonly<Record<string, readonly string[]>>): ProfileLayers {
  const known = new Map(Object.entries(supposed).map(([profile, names]) => [profile, names.toSorted()]));
  return {
    of: (profile) => known.get(profile) ?? [],
    confirm(profile, measured) {
      const names = measured.map(({ name }) => name).toSorted();
      const isSame = names.join() === known.get(profile)?.join();
      known.set(profile, names);
      return isSame;
    },
  };
}
