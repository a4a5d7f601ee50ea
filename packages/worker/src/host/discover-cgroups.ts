import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { CgroupController } from '@bullpen/profiles';

/**
 * Host directories below which the jailer may make cgroups of its own: those of cgroup v1 by controller, or `unified` alone for v2.
 * What is absent cannot be used here.
 */
export type CgroupParents = Readonly<Partial<Record<CgroupController, string>>>;

const controllersOfV1 = ['memory', 'pids', 'cpuacct'] as const satisfies readonly CgroupController[];
/** What a directory of v2 must hand down to the cgroups below it. */
const controllersOfV2 = ['memory', 'pids', 'cpu'] as const;

/**
 * Finds where this process's own cgroups lie in the mounted hierarchies, and keeps those that it may use. `cpu` of v1 only when processors are
 * to be limited: each hierarchy more makes every fork a little slower. Throws a sentence when nothing here could limit them.
 */
export function discoverCgroups({ cpusPerSlot }: { readonly cpusPerSlot: number | null }): CgroupParents {
  const found = findCgroups(cpusPerSlot === null ? controllersOfV1 : [...controllersOfV1, 'cpu']);
  if (cpusPerSlot === null || found.cpu !== undefined || found.unified !== undefined) return found;
  throw new Error(
    `Slots shall have ${cpusPerSlot} processors each, but no cgroup of this host can be used to limit them: give the worker a writable cgroup, or unset BULLPEN_CPUS_PER_SLOT.`,
  );
}

function findCgroups(ofV1: readonly CgroupController[]): CgroupParents {
  const memberships = parseMemberships(readFileSync('/proc/self/cgroup', 'utf8'));
  const mounts = parseCgroupMounts(readFileSync('/proc/self/mountinfo', 'utf8'));
  const found: Partial<Record<CgroupController, string>> = {};
  for (const controller of ofV1) {
    const directory = locateCgroup(controller, memberships, mounts);
    if (directory !== null && isWritable(directory)) found[controller] = directory;
  }
  if (Object.keys(found).length > 0) return found;
  const own = locateCgroup('unified', memberships, mounts);
  const unified = [own, delegatedAbove(own)].find((path) => path !== null && isWritable(path) && handsDown(path));
  return unified === undefined || unified === null ? {} : { unified };
}

/** The name of the cgroup that an operator puts a worker into, below one that is the worker's to use. */
const nameOfOwn = 'worker';

/**
 * The cgroup above, where this process stands in one of the agreed name and nothing else does in the one above: the kernel hands no controllers
 * down from a cgroup that holds processes, so whoever delegates one (systemd's DelegateSubgroup=, a container's first program) puts the worker
 * into a child of it.
 */
export function delegatedAbove(own: string | null): string | null {
  if (own === null || basename(own) !== nameOfOwn) return null;
  const above = dirname(own);
  try {
    return readFileSync(join(above, 'cgroup.procs'), 'utf8').trim() === '' ? above : null;
  } catch {
    return null; // not a cgroup: our own is the root of what is mounted here
  }
}

/**
 * Whether cgroups below this directory get the controllers; asks for them when they do not yet. The kernel refuses while processes live in the
 * directory itself (other than the root's): then whoever started the worker must have put it into a cgroup of its own below.
 */
function handsDown(directory: string): boolean {
  const file = join(directory, 'cgroup.subtree_control');
  try {
    writeFileSync(file, controllersOfV2.map((name) => `+${name}`).join(' '));
  } catch {
    // Not available, or not allowed: what is handed down already decides.
  }
  const handed = readFileSync(file, 'utf8').trim().split(' ');
  return controllersOfV2.every((name) => handed.includes(name));
}

/** `/proc/self/cgroup`: controller, or `unified` for v2, to the path of this process in its hierarchy. */
export function parseMemberships(text: string): ReadonlyMap<string, string> {
  const memberships = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\d+:([^:]*):(.*)$/.exec(line);
    if (match === null) continue;
    for (const name of match[1]?.split(',') ?? []) memberships.set(name === '' ? 'unified' : name, match[2] ?? '/');
  }
  return memberships;
}

export interface CgroupMount {
  /** The part of the hierarchy that is mounted: `/`, or the path of a container's own cgroup. */
  readonly root: string;
  readonly mountPoint: string;
  readonly controllers: readonly string[];
}

/** `/proc/self/mountinfo`: the mounted hierarchies. Fields before ` - ` are positional, the super options come last. */
export function parseCgroupMounts(text: string): readonly CgroupMount[] {
  const mounts: CgroupMount[] = [];
  for (const line of text.split('\n')) {
    const [mount, filesystem] = line.split(' - ');
    const [type, , superOptions] = filesystem?.split(' ') ?? [];
    const [, , , root, mountPoint] = mount?.split(' ') ?? [];
    if (!type?.startsWith('cgroup') || root === undefined || mountPoint === undefined) continue;
    const controllers = type === 'cgroup2' ? ['unified'] : (superOptions?.split(',') ?? []);
    mounts.push({ root, mountPoint, controllers });
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
  if (mount.root === '/') return resolve(join(mount.mountPoint, path));
  // A container sees its own cgroup mounted as the root of the hierarchy, while its membership names the host's path.
  const isBelow = path === mount.root || path.startsWith(`${mount.root}/`);
  return resolve(join(mount.mountPoint, isBelow ? path.slice(mount.root.length) : ''));
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false; // not mounted here, read-only, or not ours
  }
}
