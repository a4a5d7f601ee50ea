import { z } from 'zod';
import { issueSentence } from './issue-sentence.ts';
import { commandLimitNames, limitNames, type Limits } from './limits.ts';
import { type Profile, profileSchema } from './profile.ts';
import { isAboveCeiling, showLimit, withWishes } from './resolve-limits.ts';

const profilesSchema = z.union([z.array(z.unknown()), z.looseObject({})]);

/**
 * Reads the profiles of an operator's file: one profile, or a list of them. `sourceName` is the file's name, for the sentences.
 * Throws one sentence for the first problem: a malformed field, a default above its ceiling, a name used twice.
 */
export function parseProfiles(value: unknown, sourceName: string): Profile[] {
  const list = profilesSchema.safeParse(value);
  if (!list.success) throw new Error(`${sourceName}: the file must hold a profile or a list of profiles`);
  const profiles = (Array.isArray(list.data) ? list.data : [list.data]).map((item) => parseProfile(item, sourceName));
  const names = profiles.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new Error(`${sourceName}: profile ${twice} must be described once, got two of that name`);
  return profiles;
}

function parseProfile(value: unknown, sourceName: string): Profile {
  const parsed = profileSchema.safeParse(value);
  if (!parsed.success) throw new Error(`${sourceName}: ${issueSentence(parsed.error, value, 'the profile')}`);
  const problem = profileProblem(parsed.data);
  if (problem !== null) throw new Error(`${sourceName}: profile ${parsed.data.name}: ${problem}`);
  return parsed.data;
}

/** What the schema alone cannot say about a profile; null when all is well. */
export function profileProblem(profile: Profile): string | null {
  for (const name of limitNames) {
    const problem = aboveCeiling(`defaults.${name}`, name, profile.defaults, profile.ceilings);
    if (problem !== null) return problem;
  }
  for (const [index, command] of profile.recipe.entries()) {
    for (const name of commandLimitNames) {
      const limits = withWishes(profile.defaults, command.limits ?? {});
      const problem = aboveCeiling(`recipe[${index}].limits.${name}`, name, limits, profile.ceilings);
      if (problem !== null) return problem;
    }
  }
  for (const [index, path] of profile.view.entries()) {
    if (path.source.includes('*') && path.target !== undefined) {
      return `view[${index}].target must be left out when the source has "*", got ${JSON.stringify(path.target)}`;
    }
  }
  return null;
}

function aboveCeiling(field: string, name: keyof Limits, limits: Limits, ceilings: Limits): string | null {
  if (!isAboveCeiling(limits[name], ceilings[name])) return null;
  return `${field} must be at most the ceiling ${showLimit(ceilings[name])}, got ${showLimit(limits[name])}`;
}
