import { builtinProfiles, renderAppArmorProfile } from '@bullpen/profiles';

/** The AppArmor profile of a built-in profile, as this checkout renders it. */
export function rendered(profileName: string): { readonly name: string; readonly text: string } {
  const profile = builtinProfiles.find(({ name }) => name === profileName);
  if (profile === undefined) throw new Error(`There is no profile ${profileName}.`);
  return renderAppArmorProfile(profile);
}
