import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CgroupParents,
  countsSwap,
  discoverCgroups,
  locateCgroup,
  parseCgroupMounts,
  parseMemberships,
} from '@bullpen/worker';
import type { CgroupFacts } from './host-facts.ts';

/** Where this process's cgroups lie, whether a worker can use them, and else why not. */
export function readCgroupFacts(): CgroupFacts {
  const memberships = parseMemberships(readFileSync('/proc/self/cgroup', 'utf8'));
  const mounts = parseCgroupMounts(readFileSync('/proc/self/mountinfo', 'utf8'));
  const memory = locateCgroup('memory', memberships, mounts);
  const directory = memory ?? locateCgroup('unified', memberships, mounts);
  const version = directory === null ? null : memory === null ? 2 : 1;
  const usable = discoverCgroups({ cpusPerSlot: null });
  return describeCgroups(version, usable.memory ?? usable.unified ?? directory, usable);
}

/** The facts about one directory. `usable` is what a worker would use. */
export function describeCgroups(version: 1 | 2 | null, directory: string | null, usable: CgroupParents): CgroupFacts {
  const isUsable = (version === 1 ? usable.memory : usable.unified) !== undefined;
  return {
    version,
    directory,
    isUsable,
    obstacle: isUsable ? null : findObstacle(version, directory),
    countsSwap: isUsable ? countsSwap(usable) : null,
  };
}

function findObstacle(version: 1 | 2 | null, directory: string | null): string {
  if (version === null || directory === null) return 'no hierarchy of cgroups that limits memory is mounted';
  if (!existsSync(directory)) return `${directory}, where this process's own lies, does not exist here`;
  if (!isWritable(directory)) return `${directory} cannot be written`;
  const offered = readWords(join(directory, 'cgroup.controllers'));
  const lacking = ['memory', 'pids', 'cpu'].filter((name) => !offered.includes(name));
  if (lacking.length > 0) return `${directory} does not offer ${lacking.join(', ')}`;
  return `${directory} holds processes itself, so that the kernel does not hand its controllers down`;
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function readWords(path: string): readonly string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split(' ') : [];
}
