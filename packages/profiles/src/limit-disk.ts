import type { Profile } from './profile.ts';

/**
 * The profile with a ceiling of `diskBytes` that a job's place on this host can hold. Throws a sentence when the place is too small for what
 * the profile's jobs get by default.
 */
export function limitDisk(profile: Profile, placeBytes: number): Profile {
  if (profile.defaults.diskBytes > placeBytes) {
    throw new Error(
      `profile ${profile.name} gives each job ${profile.defaults.diskBytes} bytes of disk, and there are ${placeBytes} for it`,
    );
  }
  if (profile.ceilings.diskBytes <= placeBytes) return profile;
  return { ...profile, ceilings: { ...profile.ceilings, diskBytes: placeBytes } };
}
