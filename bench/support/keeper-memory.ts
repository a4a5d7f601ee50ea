import { listDescendants, type ProcessMemory } from './process-memory.ts';

/** The processes of one jailer with one slot. */
export interface KeeperMemory {
  readonly master: ProcessMemory;
  readonly keeper: ProcessMemory;
  readonly forker: ProcessMemory;
  /** PID 1 of the jail that is prepared for the next job. */
  readonly init: ProcessMemory;
}

/** Finds the jailer's processes below the one that started it, by their parents. Throws when they are not all there. */
export function readKeeperMemory(starter: number): KeeperMemory {
  const below = listDescendants(starter);
  const childrenOf = (pid: number): ProcessMemory[] => below.filter(({ parent }) => parent === pid);
  const [master] = childrenOf(starter);
  const [keeper] = master === undefined ? [] : childrenOf(master.pid);
  // The keeper forks its forker once, and is the parent of each init as well: the lower pid is the forker.
  const [forker, init] = keeper === undefined ? [] : childrenOf(keeper.pid).sort((one, other) => one.pid - other.pid);
  if (master === undefined || keeper === undefined || forker === undefined || init === undefined)
    throw new Error(`The jailer's processes were not found: ${below.map(({ name }) => name).join(', ')}.`);
  return { master, keeper, forker, init };
}
