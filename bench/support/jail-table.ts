import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readProgramVersion } from '@bullpen/jailer';
import {
  builtinProfiles,
  hasHostPaths,
  type JailMode,
  makeNodeHost,
  renderJailerTable,
  type ResolvedProfile,
  resolveProfile,
} from '@bullpen/profiles';
import { type CgroupParents, chooseIdRange, discoverCgroups, readHostIds } from '@bullpen/worker';

export interface JailTable {
  readonly file: string;
  /** The user of its one slot; the jailer's own for `userns` and `restricted`. */
  readonly uid: number;
  /** Where a jail of this table sees the folder `programs`. */
  readonly shownAt: string;
  remove(): void;
}

export interface JailTableOptions {
  /** The folder that jails show. */
  readonly programs: string;
  readonly mode?: JailMode;
  /** Every controller that this host has, unless said. */
  readonly cgroups?: boolean;
  /** Name of the AppArmor profile that programs enter. */
  readonly apparmor?: string | undefined;
}

/**
 * Writes a table with one slot and the built-in profile `bash`, as a worker would write it, whose view also shows the folder
 * `programs`. Throws a sentence when this host cannot run the profile.
 */
export async function makeJailTable(options: JailTableOptions): Promise<JailTable> {
  const { mode = 'root', programs } = options;
  const resolved = await resolveBash(programs, mode);
  const parents = options.cgroups === false ? {} : discoverCgroups({ cpusPerSlot: null });
  const uid = chooseIdRange(1, readHostIds());
  const directory = mkdtempSync('/run/bullpen-bench-');
  const boxes = hasHostPaths(mode) ? mountBoxes(directory) : undefined;
  const runDir = join(directory, 'run');
  mkdirSync(runDir, { mode: 0o700 });
  const file = join(directory, 'table');
  const table = renderJailerTable({
    runDir,
    mode,
    boxes,
    slots: [{ uid, gid: uid }],
    cgroups: namesOf(parents, basename(directory)),
    profiles: [resolved],
    ...(options.apparmor === undefined ? {} : { apparmor: new Map([['bash', options.apparmor]]) }),
  });
  writeFileSync(file, table, { mode: 0o600 });
  if (mode === 'userns' || mode === 'restricted') handOver(directory, [runDir, file], uid);
  return {
    file,
    uid,
    shownAt: hasHostPaths(mode) ? programs : shownAt,
    remove() {
      if (boxes !== undefined) execFileSync('umount', ['--lazy', boxes]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Where jails with a view of their own show the programs of the benchmark. */
export const shownAt = '/opt/bench';

/** The profile `bash` as jails of this mode see it, with the programs of the benchmark. */
export async function resolveBash(programs: string, mode: JailMode): Promise<ResolvedProfile> {
  const profile = builtinProfiles.find(({ name }) => name === 'bash');
  if (profile === undefined) throw new Error('There is no built-in profile bash.');
  const shown = {
    source: programs,
    target: hasHostPaths(mode) ? programs : shownAt,
    access: 'execute',
    optional: false,
  } as const;
  const host = makeNodeHost({ version: readProgramVersion });
  const paths = hasHostPaths(mode) ? 'host' : 'own';
  const resolved = await resolveProfile({ ...profile, view: [...profile.view, shown] }, host, paths);
  if (!resolved.available) throw new Error(`The benchmark needs the profile bash: ${resolved.reason}.`);
  return resolved;
}

function namesOf(parents: CgroupParents, name: string): CgroupParents {
  const own = Object.entries(parents).map(([controller, parent]) => [controller, join(parent, name)]);
  return Object.fromEntries(own) as CgroupParents;
}

/** A place of limited size, as a worker asks for. */
function mountBoxes(directory: string): string {
  const boxes = join(directory, 'boxes');
  mkdirSync(boxes);
  chmodSync(directory, 0o755);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m,mode=1777', 'bullpen-bench', boxes]);
  return boxes;
}

/** A jailer reads a table of its own user alone. */
function handOver(directory: string, paths: readonly string[], uid: number): void {
  chmodSync(directory, 0o755);
  for (const path of paths) chownSync(path, uid, uid);
}
