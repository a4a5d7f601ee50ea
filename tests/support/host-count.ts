import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { cgroupParents } from './cgroup-parents.ts';

/** What a worker and its jailer hold of the host at one moment. */
export interface HostCount {
  /** Names of the worker's processes, each as often as there is one. */
  readonly processes: readonly string[];
  readonly processesOfSlotUsers: number;
  readonly hostMounts: number;
  readonly keeperMounts: readonly number[];
  readonly cgroups: readonly string[];
  readonly descriptors: Readonly<Record<string, readonly number[]>>;
  readonly runFiles: readonly string[];
  readonly ipcObjects: number;
  readonly sharedMemoryFiles: readonly string[];
  readonly keys: readonly string[];
  /** That the worker's processes are in. */
  readonly namespaces: number;
}

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // the process ended while we looked
  }
};
const list = (path: string): string[] => {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
};
const lines = (path: string): string[] => read(path).split('\n').filter(Boolean);
const pids = (): number[] => list('/proc').map(Number).filter(Number.isInteger);
const statusField = (pid: number, name: string): string =>
  new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(read(`/proc/${pid}/status`))?.[1] ?? '';

/** The process and all that descend from it. */
export function familyOf(pid: number): number[] {
  const parents = new Map(pids().map((each) => [each, Number(statusField(each, 'PPid'))]));
  const family = [pid];
  for (let at = 0; at < family.length; at += 1) {
    for (const [child, parent] of parents) if (parent === family[at]) family.push(child);
  }
  return family;
}

/** Resident memory of a process in bytes. */
export const residentBytes = (pid: number): number => Number.parseInt(statusField(pid, 'VmRSS'), 10) * 1024;
export const nameOf = (pid: number): string => statusField(pid, 'Name');

/** Counts everything that a job could have left behind. */
export function countHost(workerPid: number, slotUids: readonly number[]): HostCount {
  const family = familyOf(workerPid);
  const keepers = family.filter((pid) => nameOf(pid) === 'bullpen-keeper');
  const descriptors: Record<string, number[]> = {};
  for (const pid of family) (descriptors[nameOf(pid)] ??= []).push(list(`/proc/${pid}/fd`).length);
  const slotUsers = new Set(slotUids.map(String));
  const runDirectory = `/run/bullpen-${workerPid}`;
  return {
    processes: family.map(nameOf).sort(),
    processesOfSlotUsers: pids().filter((pid) => slotUsers.has(statusField(pid, 'Uid').split('\t')[0] ?? '')).length,
    hostMounts: lines('/proc/self/mountinfo').length,
    keeperMounts: keepers.map((pid) => lines(`/proc/${pid}/mountinfo`).length),
    cgroups: cgroupParents.flatMap(({ path }) =>
      list(`${path}/bullpen-${workerPid}`).filter((name) => name.startsWith('slot')),
    ),
    descriptors,
    runFiles: existsSync(runDirectory) ? readdirSync(runDirectory, { recursive: true, encoding: 'utf8' }).sort() : [],
    ipcObjects: ['shm', 'msg', 'sem'].reduce((sum, kind) => sum + lines(`/proc/sysvipc/${kind}`).length - 1, 0),
    sharedMemoryFiles: list('/dev/shm'),
    keys: lines('/proc/key-users').filter((line) => slotUsers.has(line.trim().split(':')[0] ?? '')),
    namespaces: countNamespaces(family),
  };
}

function countNamespaces(family: readonly number[]): number {
  const seen = new Set<string>();
  for (const pid of family) {
    for (const kind of list(`/proc/${pid}/ns`)) {
      try {
        seen.add(readlinkSync(`/proc/${pid}/ns/${kind}`));
      } catch {
        // the process ended while we looked
      }
    }
  }
  return seen.size;
}
