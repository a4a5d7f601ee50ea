import { type LimitName, limitNames, type Limits } from './limits.ts';
import { type Confinement, confinementSchema } from './profile.ts';
import { resolveMasks } from './resolve-masks.ts';
import type { ResolvedProfile } from './resolve-profile.ts';

/** One slot's identity: nothing else on the host may use its numbers. */
export interface TableSlot {
  readonly uid: number;
  readonly gid: number;
}

/** What the jailer's table says; see docs/jailer.md. */
export interface JailerTable {
  /** An existing directory of the jailer's own user, mode 0700. */
  readonly runDir: string;
  readonly mode: JailMode;
  /** The size-limited directory in which a jail without mounts has its box: for the modes `classic` and `restricted`, and for no other. */
  readonly boxes?: string | undefined;
  /** Directory of the locks of this host's slot UIDs; none are taken without it. */
  readonly uidLocks?: string | undefined;
  /** Numbered by their order. */
  readonly slots: readonly TableSlot[];
  /** Directories that the jailer makes and removes; a controller that the host lacks is left out. */
  readonly cgroups: { readonly [Controller in CgroupController]?: string | undefined };
  /** Thousandths of a processor that the programs of one slot get together, 10 to 1048576; needs the controller `cpu` or `unified`. All unless said. */
  readonly cpuMilli?: number | undefined;
  /** Numbered by their order: a request to the jailer names a profile by its index here. */
  readonly profiles: readonly ResolvedProfile[];
  /** The AppArmor profile that a profile's programs enter, by the profile's name; a profile without one here enters none. */
  readonly apparmor?: ReadonlyMap<string, string> | undefined;
}

/**
 * How jails are made: with namespaces by `root` or in a user namespace of each slot (`userns`), or without any by the `classic` means of root,
 * or as the worker's own user, `restricted` to what needs no privilege.
 */
export type JailMode = 'root' | 'userns' | 'classic' | 'restricted';

/** Whether jails of this mode see the host's own paths, and write in a directory of the host. */
export function hasHostPaths(mode: JailMode): mode is 'classic' | 'restricted' {
  return mode === 'classic' || mode === 'restricted';
}

/** Hierarchies of cgroup v1, or `unified` alone: the one of v2. */
export type CgroupController = 'memory' | 'pids' | 'cpuacct' | 'cpu' | 'unified';

const cgroupControllers: readonly CgroupController[] = ['memory', 'pids', 'cpuacct', 'cpu', 'unified'];

const allowWords: Record<keyof Confinement, string> = {
  write: 'write',
  executeWritten: 'execute-written',
  unixSockets: 'unix-sockets',
  fork: 'fork',
  exec: 'exec',
};

const ceilingWords: Record<LimitName, string> = {
  wallTimeMs: 'wall-ms',
  cpuTimeMs: 'cpu-ms',
  memoryBytes: 'memory',
  addressSpaceBytes: 'address-space',
  processes: 'processes',
  fileSizeBytes: 'file-size',
  openFiles: 'open-files',
  stackBytes: 'stack',
  outputBytes: 'output',
  diskBytes: 'disk-bytes',
  diskFiles: 'disk-files',
};

/**
 * The text of the jailer's table. Its words are separated by single spaces, so a path with white space cannot be said:
 * throws a sentence that names it, as it does when there is no slot or no profile, or when the boxes' place is missing or not the mode's.
 */
export function renderJailerTable(table: JailerTable): string {
  if (table.slots.length === 0) throw new Error('the jailer needs at least one slot, got none');
  if (table.profiles.length === 0)
    throw new Error('the jailer needs at least one profile, got none: no toolchain was found');
  if (hasHostPaths(table.mode) !== (table.boxes !== undefined)) {
    throw new Error(
      `the jailer's mode ${table.mode} needs ${hasHostPaths(table.mode) ? 'a' : 'no'} place for boxes, got ${table.boxes ?? 'none'}`,
    );
  }
  const lines = [
    'bullpen-table 1',
    line('run-dir', table.runDir),
    line('mode', table.mode),
    ...(table.boxes === undefined ? [] : [line('boxes', table.boxes)]),
    ...(table.uidLocks === undefined ? [] : [line('uid-locks', table.uidLocks)]),
    ...table.slots.map(({ uid, gid }, number) => line('slot', String(number), String(uid), String(gid))),
    ...cgroupControllers.flatMap((controller) => {
      const directory = table.cgroups[controller];
      return directory === undefined ? [] : [line('cgroup', controller, directory)];
    }),
    ...(table.cpuMilli === undefined ? [] : [line('cpu-milli', String(table.cpuMilli))]),
    ...table.profiles.flatMap((resolved, number) => profileLines(resolved, number, table)),
  ];
  return `${lines.join('\n')}\n`;
}

function profileLines(resolved: ResolvedProfile, number: number, table: JailerTable): string[] {
  const { profile, view, links } = resolved;
  const apparmor = table.apparmor?.get(profile.name);
  return [
    line('profile', String(number), profile.name),
    ...(apparmor === undefined ? [] : [line('apparmor', apparmor)]),
    ...confinementSchema
      .keyof()
      .options.filter((name) => profile.confinement[name])
      .map((name) => line('allow', allowWords[name])),
    ...(profile.workDirectory === defaultWorkDirectory ? [] : [line('work', profile.workDirectory)]),
    ...view.map(({ access, source, target }) => line('view', access, source, target)),
    ...links.map(({ text, path }) => line('link', text, path)),
    ...resolveMasks(resolved).map(({ kind, path }) => line('mask', kind, path)),
    ...limitNames.map((name) => line('ceiling', ceilingWords[name], ceilingNumber(profile.ceilings, name))),
    'end',
  ];
}

/** Where the jailer shows a work directory unless its table says otherwise. */
const defaultWorkDirectory = '/work';

/** The table writes an unlimited address space as 0. */
function ceilingNumber(ceilings: Limits, name: LimitName): string {
  return String(ceilings[name] ?? 0);
}

function line(...words: readonly string[]): string {
  for (const word of words) {
    if (word === '' || /\s|\0/.test(word)) {
      throw new Error(
        `the jailer's table cannot name a path with white space, got ${JSON.stringify(word)}: move or rename it`,
      );
    }
  }
  return words.join(' ');
}
