import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Controllers that the jailer can use, each with the host directory below which the worker may make its own. Absent ones are not writable here. */
export type CgroupParents = Readonly<Partial<Record<CgroupController, string>>>;
export type CgroupController = (typeof controllers)[number];

/** Hierarchies of cgroup v1. A unified (v2) hierarchy would be one more entry here, with one directory for all its controllers. */
export const controllers = ['memory', 'pids', 'cpuacct'] as const;

/** Finds where this process's own cgroups lie in the mounted hierarchies, and keeps those that it may write. */
export function discoverCgroups(): CgroupParents {
  const memberships = parseMemberships(readFileSync('/proc/self/cgroup', 'utf8'));
  const mounts = parseCgroupMounts(readFileSync('/proc/self/mountinfo', 'utf8'));
  const found: Partial<Record<CgroupController, string>> = {};
  for (const controller of controllers) {
    const directory = locateCgroup(controller, memberships, mounts);
    if (directory !== null && isWritable(directory)) found[controller] = directory;
  }
  return found;
}

/** `/proc/self/cgroup`: controller to the path of this process in its hierarchy. */
export function parseMemberships(text: string): ReadonlyMap<string, string> {
  const memberships = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\d+:([^:]*):(.*)$/.exec(line);
    if (match === null) continue;
    for (const name of match[1]?.split(',') ?? []) memberships.set(name, match[2] ?? '/');
  }
  return memberships;
}

export interface CgroupMount {
  /** The part of the hierarchy that is mounted: `/`, or the path of a container's own cgroup. */
  readonly root: string;
  readonly mountPoint: string;
  readonly controllers: readonly string[];
}

/** `/proc/self/mountinfo`: the mounted v1 hierarchies. Fields before ` - ` are positional, the super options come last. */
export function parseCgroupMounts(text: string): readonly CgroupMount[] {
  const mounts: CgroupMount[] = [];
  for (const line of text.split('\n')) {
    const [mount, filesystem] = line.split(' - ');
    const [type, , superOptions] = filesystem?.split(' ') ?? [];
    const [, , , root, mountPoint] = mount?.split(' ') ?? [];
    if (type !== 'cgroup' || root === undefined || mountPoint === undefined) continue;
    mounts.push({ root, mountPoint, controllers: superOptions?.split(',') ?? [] });
  }
  return mounts;
}

export function locateCgroup(
  controller: string,
  memberships: ReadonlyMap<string, string>,
  mounts: readonly CgroupMount[],
): string | null {
  const path = memberships.get(controller);
  const mount = mounts.find((candidate) => candidate.controllers.includes(controller));
  if (path === undefined || mount === undefined) return null;
  if (mount.root === '/') return join(mount.mountPoint, path);
  // A container sees its own cgroup mounted as the root of the hierarchy, while its membership names the host's path.
  const isBelow = path === mount.root || path.startsWith(`${mount.root}/`);
  return join(mount.mountPoint, isBelow ? path.slice(mount.root.length) : '');
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false; // not mounted here, read-only, or not ours
  }
}
