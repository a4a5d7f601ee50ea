import { type CommandLimits, type LimitName, type Limits, limitNames } from './limits.ts';
import type { Profile } from './profile.ts';

/** Some of the limits, as a job or a command asks for them. */
export type AskedLimits<All> = { readonly [Name in keyof All]?: All[Name] | undefined };

/** A limit asks for more than its profile allows. The message is the whole sentence. */
export class LimitAboveCeiling extends Error {
  override readonly name = 'LimitAboveCeiling';
  readonly limit: LimitName;
  /** null asks for an unlimited address space. */
  readonly asked: number | null;
  readonly ceiling: number;

  constructor(profile: Profile, limit: LimitName, asked: number | null, ceiling: number) {
    super(`limits.${limit} must be at most ${ceiling} for profile ${profile.name}, got ${showLimit(asked)}`);
    this.limit = limit;
    this.asked = asked;
    this.ceiling = ceiling;
  }
}

/**
 * Every limit of one command: the command's own wish, else the job's, else the profile's default.
 * Throws LimitAboveCeiling for the first wish that the profile's ceilings do not allow.
 */
export function resolveLimits(
  profile: Profile,
  jobLimits: AskedLimits<Limits> = {},
  commandLimits: AskedLimits<CommandLimits> = {},
): Limits {
  const limits = withWishes(profile.defaults, jobLimits, commandLimits);
  for (const name of limitNames) {
    const ceiling = profile.ceilings[name];
    if (isAboveCeiling(limits[name], ceiling)) throw new LimitAboveCeiling(profile, name, limits[name], ceiling);
  }
  return limits;
}

/** Whether `asked` is more than `ceiling`; null is without limit on both sides. */
export function isAboveCeiling(asked: number | null, ceiling: number | null): ceiling is number {
  return ceiling !== null && (asked === null || asked > ceiling);
}

/** A limit's value in a sentence. */
export function showLimit(value: number | null): string {
  return value === null ? 'unlimited' : String(value);
}

/** `limits` with the wishes over them, the later ones over the earlier; a wish that is undefined is none. */
export function withWishes(limits: Limits, ...wishes: readonly AskedLimits<Limits>[]): Limits {
  const defined = wishes.flatMap((wish) => Object.entries(wish).filter(([, value]) => value !== undefined));
  return Object.assign({ ...limits }, Object.fromEntries(defined));
}
