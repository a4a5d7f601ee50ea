import type { JailMode } from '@bullpen/profiles';

/** A jail to be measured: which rung makes it, and what is missing of what it usually has. */
export interface JailVariant {
  readonly key: string;
  /** Of the layer that is missing, or of the rung. */
  readonly title: string;
  readonly mode: JailMode;
  /** Steps of the jailer that its test build leaves out; see docs/jailer.md. */
  readonly leaveOut: readonly string[];
  readonly cgroups: boolean;
  readonly apparmor: boolean;
}

/** The jail with every layer, which the next are compared with. */
export const wholeJail: JailVariant = {
  key: 'whole',
  title: 'every layer',
  mode: 'root',
  leaveOut: [],
  cgroups: true,
  apparmor: true,
};

/** The whole jail without one layer each: those without which there still is a jail. */
export const withoutLayer: readonly JailVariant[] = [
  { ...wholeJail, key: 'network', title: 'network namespace', leaveOut: ['spawn'] },
  { ...wholeJail, key: 'landlock', title: 'landlock', leaveOut: ['landlock'] },
  { ...wholeJail, key: 'seccomp', title: 'seccomp', leaveOut: ['seccomp'] },
  { ...wholeJail, key: 'cgroup', title: 'cgroup', cgroups: false },
  { ...wholeJail, key: 'apparmor', title: 'apparmor', apparmor: false },
  { ...wholeJail, key: 'identity', title: 'identity', leaveOut: ['identity'] },
  { ...wholeJail, key: 'rlimits', title: 'rlimits', leaveOut: ['limits'] },
  { ...wholeJail, key: 'verify', title: 'proof of each program\u2019s own layers', leaveOut: ['verify'] },
];

const bare: JailVariant = { ...wholeJail, cgroups: false, apparmor: false };

/** The rungs, each without cgroup and AppArmor, which not every rung has: so they differ in nothing else. */
export const rungs: readonly [JailVariant, ...JailVariant[]] = [
  { ...bare, key: 'root', title: 'namespaces (root)' },
  { ...bare, key: 'userns', title: 'namespaces (an ordinary user)', mode: 'userns' },
  { ...bare, key: 'classic', title: 'classic', mode: 'classic' },
  { ...bare, key: 'restricted', title: 'restricted', mode: 'restricted' },
];
