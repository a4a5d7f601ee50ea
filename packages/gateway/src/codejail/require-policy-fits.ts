import { type Policy, policyLimits, toLimits } from '@bullpen/client';
import { limitNames, type Profile } from '@bullpen/profiles';

/** Throws a sentence when some limits of the policy are above the profile's ceilings: their calls would all fail. */
export function requirePolicyFits(policy: Policy, profile: Profile): void {
  for (const context of [null, ...policy.overrides.keys()]) {
    const limits = toLimits(policyLimits(policy, context), profile);
    for (const name of limitNames) {
      const asked = limits[name];
      const ceiling = profile.ceilings[name];
      if (asked === undefined || isWithin(asked, ceiling)) continue;
      const whose = context === null ? 'default limits' : `limits of ${JSON.stringify(context)}`;
      throw new Error(
        `The codejail policy's ${whose} ask for ${name} ${asked ?? 'unlimited'}: profile ${profile.name} allows at most ${ceiling}.`,
      );
    }
  }
}

/** The contexts whose time limit a call would never reach; `null` for the default limits. */
export function contextsBeyond(policy: Policy, budgetMs: number): (string | null)[] {
  return [null, ...policy.overrides.keys()].filter((context) => {
    const { REALTIME } = policyLimits(policy, context);
    return REALTIME === 0 || REALTIME * 1000 > budgetMs;
  });
}

/** Null stands for no limit. */
function isWithin(asked: number | null, ceiling: number | null): boolean {
  return ceiling === null || (asked !== null && asked <= ceiling);
}
