import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CgroupParents } from './discover-cgroups.ts';

/** Names of the swap devices and files in use, from the text of /proc/swaps. */
export function parseSwaps(text: string): readonly string[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => line.split(/\s/, 1))
    .filter((name) => name !== '');
}

export function readSwaps(): readonly string[] {
  return existsSync('/proc/swaps') ? parseSwaps(readFileSync('/proc/swaps', 'utf8')) : [];
}

/**
 * Whether the memory limits of cgroups below these directories count swap, which a new cgroup tells. Null when no memory cgroup can be made
 * here, so that there are no such limits.
 */
export function countsSwap(parents: CgroupParents): boolean | null {
  const parent = parents.memory ?? parents.unified;
  if (parent === undefined) return null;
  const file = parents.memory === undefined ? 'memory.swap.max' : 'memory.memsw.limit_in_bytes';
  const cgroup = join(parent, `bullpen-swap-${process.pid}`);
  try {
    mkdirSync(cgroup);
  } catch {
    return null;
  }
  try {
    return existsSync(join(cgroup, file));
  } finally {
    rmdirSync(cgroup);
  }
}

/** Throws a sentence when jobs could exceed their memory limits by being swapped out. */
export function assertSwapCounts(parents: CgroupParents, swaps: readonly string[] = readSwaps()): void {
  if (swaps.length === 0 || countsSwap(parents) !== false) return;
  throw new Error(
    `Swap is in use (${swaps.join(', ')}) and this kernel does not count it, so jobs could exceed their memory limits: ` +
      'switch it off (swapoff -a), or boot with swapaccount=1.',
  );
}
