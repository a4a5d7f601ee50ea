import { setTimeout as delay } from 'node:timers/promises';
import { listDescendants, type ProcessMemory } from './process-memory.ts';

/** The processes of one jailer with one slot. */
export interface KeeperMemory {
  readonly master: ProcessMemory;
  readonly keeper: ProcessMemory;
  readonly forker: ProcessMemory;
  /** PID 1 of the jail that is prepared for the next job. */
  readonly init: ProcessMemory;
}

const patienceMs = 2000;

/** Waits until the slot has prepared its next jail and reads all four. Rejects when they are not there within two seconds. */
export async function readKeeperMemory(starter: number): Promise<KeeperMemory> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const found = findKeeperMemory(starter);
    if (found !== null) return found;
    if (performance.now() > deadline)
      throw new Error(`The jailer's processes were not found within ${patienceMs} ms below process ${starter}.`);
    await delay(20);
  }
}

/** The jailer's processes below the one that started it, by their parents. */
function findKeeperMemory(starter: number): KeeperMemory | null {
  const below = listDescendants(starter);
  const childrenOf = (pid: number): ProcessMemory[] => below.filter(({ parent }) => parent === pid);
  const [master] = childrenOf(starter);
  const [keeper] = master === undefined ? [] : childrenOf(master.pid);
  // The keeper forks its forker once, and is the parent of each init as well: the lower pid is the forker.
  const [forker, init] = keeper === undefined ? [] : childrenOf(keeper.pid).sort((one, other) => one.pid - other.pid);
  return master && keeper && forker && init ? { master, keeper, forker, init } : null;
}
