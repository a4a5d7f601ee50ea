import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

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
  /** Paths in the place of the boxes, where the rung has one; what stands in a box is the next job's. */
  readonly boxFiles: readonly string[];
  /** Of users of slots, as are the next two. */
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

const listBelow = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort() : [];
/** UID of a process, as text. */
export const userOf = (pid: number): string => statusField(pid, 'Uid').split('\t')[0] ?? '';

/** Without the places of boxes that tests mount: more than one suite of them may run on this machine. */
const mountsOf = (pid: string): number =>
  lines(`/proc/${pid}/mountinfo`).filter((line) => !/ (bullpen-)?boxes /.test(line)).length;

/** Objects of System V that users made; a line of these tables has the number of who owns it now, and of who made it, behind its first fields. */
function countObjects(users: ReadonlySet<string>): number {
  const columns = { shm: 7, msg: 7, sem: 4 };
  return Object.entries(columns).reduce((sum, [kind, column]) => {
    const [, ...objects] = lines(`/proc/sysvipc/${kind}`).map((line) => line.trim().split(/\s+/));
    return (
      sum + objects.filter((fields) => [fields[column], fields[column + 2]].some((uid) => users.has(uid ?? ''))).length
    );
  }, 0);
}

const ownerOf = (path: string): string => {
  try {
    return String(statSync(path).uid);
  } catch {
    return ''; // it was removed while we looked
  }
};

/** Processes of a user on the whole host. */
export const processesOf = (uid: number): number[] => pids().filter((pid) => userOf(pid) === String(uid));

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

/** Where a worker and its jails keep what they make. */
export interface HostPlaces {
  /** Parent of its run directory. */
  readonly runDir: string;
  readonly boxes: string | null;
  /** Directories in which the jailer makes cgroups. */
  readonly cgroups: readonly string[];
}

/** Counts everything that a job could have left behind. */
export function countHost(
  workerPid: number,
  slotUids: readonly number[],
  { runDir, boxes, cgroups }: HostPlaces,
): HostCount {
  const family = familyOf(workerPid);
  const keepers = family.filter((pid) => nameOf(pid) === 'bullpen-keeper');
  const descriptors: Record<string, number[]> = {};
  for (const pid of family) (descriptors[nameOf(pid)] ??= []).push(list(`/proc/${pid}/fd`).length);
  const slotUsers = new Set(slotUids.map(String));
  const runDirectory = `${runDir}/bullpen-${workerPid}`;
  const isProgram = (pid: number): boolean =>
    !family.includes(pid) || !(pid === workerPid || nameOf(pid).startsWith('bullpen-'));
  return {
    processes: family.map(nameOf).sort(),
    // Worker and jailer may share their user with a slot.
    processesOfSlotUsers: pids().filter((pid) => slotUsers.has(userOf(pid)) && isProgram(pid)).length,
    hostMounts: mountsOf('self'),
    keeperMounts: keepers.map((pid) => mountsOf(String(pid))),
    cgroups: cgroups.flatMap((path) => list(`${path}/bullpen-${workerPid}`).filter((name) => name.startsWith('slot'))),
    descriptors,
    runFiles: listBelow(runDirectory),
    boxFiles: boxes === null ? [] : listBelow(boxes),
    ipcObjects: countObjects(slotUsers),
    sharedMemoryFiles: list('/dev/shm').filter((name) => slotUsers.has(ownerOf(`/dev/shm/${name}`))),
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
