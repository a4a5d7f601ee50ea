import type { AppArmorProfileFacts, HostFacts } from '../../src/doctor/facts/host-facts.ts';

/** A host on which nothing is wrong: root, AppArmor with one profile, cgroup version 2, pinned UIDs. */
export const soundFacts: HostFacts = {
  configurationProblem: null,
  kernel: '6.12.9-amd64',
  landlockAbi: 6,
  user: {
    uid: 0,
    missingCapabilities: [],
    canMakeUserNamespaces: null,
    unprivilegedUsernsClone: 1,
    maxUserNamespaces: 15_000,
    apparmorRestrictsUserns: 0,
  },
  jail: { mode: 'root' },
  slots: 2,
  floor: [['identity'], ['rlimits'], ['seccomp'], ['landlock', 'apparmor'], ['namespaces', 'classic']],
  isEnabled: true,
  apparmor: {
    enabled: true,
    setting: 'when-loaded',
    parser: '/usr/sbin/apparmor_parser',
    profiles: [
      { profile: 'bash', name: 'bullpen-bash-0123456789ab', state: 'enforced', mode: 'enforce', isGenuine: true },
    ],
    files: [],
  },
  cgroups: { version: 2, directory: '/sys/fs/cgroup/x', isUsable: true, obstacle: null, countsSwap: true },
  swaps: [],
  locks: {
    directory: '/run/bullpen-uids',
    found: { kind: 'directory', uid: 0, mode: 0o700 },
    jailerUid: 0,
    locks: [],
  },
  uids: { pinned: [70_000, 70_001], occupants: [], leases: [] },
};

type Deep<T> = T extends readonly unknown[] ? T : T extends object ? { readonly [K in keyof T]?: Deep<T[K]> } : T;

/** The sound host with some facts changed; objects are merged, one level deep. */
export function withFacts(changes: Deep<HostFacts>): HostFacts {
  const changed = Object.entries(changes).map(([name, value]) => {
    const before = soundFacts[name as keyof HostFacts];
    const isPlain = typeof before === 'object' && before !== null && !Array.isArray(before);
    return [name, isPlain && name !== 'jail' ? { ...(before as object), ...(value as object) } : value];
  });
  return { ...soundFacts, ...(Object.fromEntries(changed) as Partial<HostFacts>) };
}

/** The only profile, in another state. */
export function withProfile(
  changes: Partial<AppArmorProfileFacts>,
  apparmor: Partial<HostFacts['apparmor']> = {},
): HostFacts {
  const profiles = (soundFacts.apparmor.profiles ?? []).map((profile) => ({ ...profile, ...changes }));
  return withFacts({ apparmor: { ...apparmor, profiles } });
}
