import { check } from '../finding.ts';
import type { HostFacts } from '../facts/host-facts.ts';
import { hasAppArmor } from './apparmor-checks.ts';

const leastKernel = [5, 13] as const;
/** The first ABI that keeps signals and abstract sockets inside: what protects a worker from programs of its own user. */
export const landlockOfRestricted = 6;

export const kernelChecks = [
  check('kernel', ({ kernel }) => {
    const [major = 0, minor = 0] = kernel.split('.').map((part) => Number.parseInt(part, 10));
    const [leastMajor, leastMinor] = leastKernel;
    if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return ['ok', `Linux ${kernel}.`];
    return ['fault', `This kernel is Linux ${kernel}: boot ${leastMajor}.${leastMinor} or newer.`];
  }),

  check('landlock', (facts) => {
    if (facts.landlockAbi > 0) return ['ok', `Landlock is on, ABI ${facts.landlockAbi}.`];
    const remedy = 'boot Linux 5.13 or newer with landlock in its lsm= list';
    if (!isNeeded(facts)) return ['note', `This kernel has no Landlock, and AppArmor stands in for it: ${remedy}.`];
    return ['fault', `This kernel has no Landlock, and nothing that may stand in for it is active: ${remedy}.`];
  }),

  check('landlock-for-restricted', ({ landlockAbi, user, jail }) => {
    if (landlockAbi >= landlockOfRestricted) return ['ok', 'Landlock would do for restricted jails.'];
    const sentence =
      `Restricted jails need Landlock of ABI ${landlockOfRestricted} (Linux 6.12), which keeps their signals from the worker, ` +
      `and this kernel has ${landlockAbi === 0 ? 'none' : `ABI ${landlockAbi}`}.`;
    const isOnlyRung = user.uid !== 0 && user.canMakeUserNamespaces !== true;
    return [isOnlyRung || jail.mode === 'restricted' ? 'fault' : 'note', sentence];
  }),
] as const;

/** Whether some part of the floor has no other layer than Landlock that this host could give. */
function isNeeded(facts: HostFacts): boolean {
  return facts.floor.some(
    (alternatives) =>
      alternatives.includes('landlock') &&
      !alternatives.some((name) => name !== 'landlock' && (name !== 'apparmor' || hasAppArmor(facts))),
  );
}
