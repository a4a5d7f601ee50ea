import { apparmorChecks } from './checks/apparmor-checks.ts';
import { cgroupChecks } from './checks/cgroup-checks.ts';
import { jailChecks } from './checks/jail-checks.ts';
import { kernelChecks } from './checks/kernel-checks.ts';
import { uidChecks } from './checks/uid-checks.ts';
import type { HostFacts } from './facts/host-facts.ts';
import type { Finding } from './finding.ts';

/** Everything that is looked at, in the order in which it is shown. */
export function runChecks(facts: HostFacts): readonly Finding[] {
  return [...kernelChecks, ...jailChecks, ...apparmorChecks, ...cgroupChecks, ...uidChecks].map((check) =>
    check(facts),
  );
}
