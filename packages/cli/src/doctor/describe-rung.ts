import { landlockOfRestricted } from './checks/kernel-checks.ts';
import type { HostFacts } from './facts/host-facts.ts';
import { hasAppArmor } from './checks/apparmor-checks.ts';

/** Where a host stands on the ladder, and what would lift it: to the next rung first, then to more layers on any. */
export interface RungReport {
  readonly rung: 'namespaces' | 'classic' | 'restricted' | null;
  /** One sentence. */
  readonly because: string;
  /** Sentences, each with its concrete step. */
  readonly lifts: readonly string[];
}

export function describeRung(facts: HostFacts): RungReport {
  return { ...findRung(facts), lifts: [...liftRung(facts), ...liftLayers(facts)] };
}

function findRung({ jail, user }: HostFacts): Pick<RungReport, 'rung' | 'because'> {
  switch (jail.mode) {
    case 'root':
      return { rung: 'namespaces', because: 'The worker is root with CAP_SYS_ADMIN: each slot has a UID of its own.' };
    case 'userns':
      return {
        rung: 'namespaces',
        because: `The worker is user ${user.uid}, who may make user namespaces: all its slots are this one user.`,
      };
    case 'classic':
      return {
        rung: 'classic',
        because: 'The worker is root without mounts: each slot has a UID of its own, and sees the host’s paths.',
      };
    case 'restricted':
      return {
        rung: 'restricted',
        because: `The worker is user ${user.uid} without any privilege, and shares that user with its only slot.`,
      };
    case null:
      return { rung: null, because: jail.refusal };
    default:
      throw new Error(`There is no way ${String(jail satisfies never)} to make jails.`);
  }
}

const startAsRoot =
  'Start the worker as root with CAP_SETUID, CAP_SETGID, CAP_KILL and CAP_CHOWN: classic jails then have users of their own.';

function liftRung(facts: HostFacts): readonly string[] {
  const { jail, user } = facts;
  if (jail.mode === 'root') return [];
  if (jail.mode === 'userns') {
    return [
      'Start the worker as root with CAP_SYS_ADMIN: each slot then has a UID of its own, and cgroups where they can be written.',
    ];
  }
  if (user.uid === 0) {
    const addAdmin =
      'Add the capability SYS_ADMIN to those of the worker (Docker: --cap-add SYS_ADMIN, Kubernetes: capabilities.add): jails then have namespaces and mounts of their own.';
    return [
      addAdmin,
      ...(jail.mode === null
        ? ['Or add CAP_SETUID, CAP_SETGID, CAP_KILL and CAP_CHOWN: jails are then classic ones.']
        : []),
    ];
  }
  return [...permitUserNamespaces(facts), startAsRoot, ...liftToRestricted(facts)];
}

/** Which of the kernel's settings forbids them; a container's filter where none does. */
function permitUserNamespaces({ user }: HostFacts): readonly string[] {
  if (user.canMakeUserNamespaces === true)
    return ['Set BULLPEN_JAIL=namespaces, or leave it unset: user namespaces are allowed here.'];
  const steps = [
    ...(user.maxUserNamespaces === 0 ? ['Allow user namespaces with `sysctl -w user.max_user_namespaces=15000`.'] : []),
    ...(user.unprivilegedUsernsClone === 0
      ? ['Allow user namespaces with `sysctl -w kernel.unprivileged_userns_clone=1`.']
      : []),
    ...(user.apparmorRestrictsUserns === 1
      ? [
          'Allow mounts in user namespaces with `sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`, or with an AppArmor profile for the jailer that has the rule `userns,`.',
        ]
      : []),
  ];
  if (steps.length > 0) return steps;
  return [
    'No kernel setting forbids user namespaces, so the container does: give it a seccomp profile that permits unshare, clone, mount and pivot_root, and an unmasked /proc (Docker: --security-opt seccomp=FILE --security-opt systempaths=unconfined, Kubernetes: procMount: Unmasked with hostUsers: false).',
  ];
}

function liftToRestricted({ jail, landlockAbi }: HostFacts): readonly string[] {
  if (jail.mode !== null || landlockAbi >= landlockOfRestricted) return [];
  return [`Boot Linux 6.12 or newer, whose Landlock (ABI ${landlockOfRestricted}) is enough for restricted jails.`];
}

function liftLayers(facts: HostFacts): readonly string[] {
  const { landlockAbi, apparmor, cgroups } = facts;
  return [
    ...(landlockAbi === 0
      ? ['Boot Linux 5.13 or newer with landlock in its lsm= list: paths are then guarded by Landlock, too.']
      : []),
    ...(landlockAbi > 0 && landlockAbi < landlockOfRestricted
      ? [
          `Boot Linux 6.12 or newer: its Landlock (ABI ${landlockOfRestricted}, here ${landlockAbi}) keeps signals and abstract sockets inside, too.`,
        ]
      : []),
    ...(apparmor.enabled && apparmor.setting !== 'off' && !hasAppArmor(facts)
      ? ['Load the AppArmor profiles with `bullpen apparmor load` as root: paths are then guarded a further time.']
      : []),
    ...(cgroups.isUsable
      ? []
      : [
          'Delegate a cgroup to the worker, which then limits memory, processes and CPU time of whole jobs: see docs/confinement.md.',
        ]),
  ];
}
