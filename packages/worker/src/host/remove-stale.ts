import { readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ownName = /^bullpen-(\d+)$/;

/**
 * Removes what workers left behind that were killed before they could clean up: directories `bullpen-<pid>` of processes that no
 * longer exist. Cgroup directories are only ever removed empty, innermost first; run directories (root's own, mode 0700) whole.
 */
export function removeStale(parents: {
  readonly cgroups: readonly string[];
  readonly runDirs: readonly string[];
}): void {
  for (const parent of parents.cgroups) for (const path of staleBelow(parent)) removeCgroup(path);
  for (const parent of parents.runDirs) {
    for (const path of staleBelow(parent)) if (isOurs(path)) rmSync(path, { recursive: true, force: true });
  }
}

function staleBelow(parent: string): readonly string[] {
  return namesIn(parent)
    .filter((name) => {
      const pid = ownName.exec(name)?.[1];
      return pid !== undefined && !isAlive(Number(pid));
    })
    .map((name) => join(parent, name));
}

function removeCgroup(path: string): void {
  for (const name of namesIn(path)) {
    const child = join(path, name);
    if (statSync(child, { throwIfNoEntry: false })?.isDirectory() === true) removeCgroup(child);
  }
  try {
    rmdirSync(path);
  } catch {
    // A process still lives there: its own worker, or the next one to start, will remove it.
  }
}

function isOurs(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.uid === process.getuid?.();
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // gone meanwhile
  }
}

function isAlive(pid: number): boolean {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false }) !== undefined;
}
