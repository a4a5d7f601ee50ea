import { readNodeIdentity, readOccupants, type WorkerConfig } from '@bullpen/worker';
import type { LockDirectoryFacts, UidFacts, UidLeaseFacts } from './host-facts.ts';

/** Who else has the UIDs that the configuration pins: processes, and leases in the fleet's Redis. */
export async function readUidFacts(
  config: Pick<WorkerConfig, 'slotUidBase' | 'slots' | 'prefix' | 'nodeId'>,
  { locks }: Pick<LockDirectoryFacts, 'locks'>,
  redis: string | null,
): Promise<UidFacts> {
  const { slotUidBase: base, slots } = config;
  const pinned = base === null ? [] : Array.from({ length: slots }, (_, index) => base + index);
  // Programs of another worker's slots are that worker's, and its lock tells of it.
  const locked = new Set((locks ?? []).flatMap(({ uid, isHeld }) => (isHeld ? [uid] : [])));
  return {
    pinned,
    occupants: readOccupants(pinned.filter((uid) => !locked.has(uid))),
    leases: redis === null || pinned.length === 0 ? null : await readLeases(redis, config, pinned),
  };
}

/** A lease is a key per UID; its value is a token and the worker that has it. Null when Redis does not answer. */
async function readLeases(
  target: string,
  { prefix, nodeId }: Pick<WorkerConfig, 'prefix' | 'nodeId'>,
  uids: readonly number[],
): Promise<readonly UidLeaseFacts[] | null> {
  const { Redis } = await import('ioredis');
  const redis = new Redis(target, { maxRetriesPerRequest: 1, retryStrategy: () => null });
  // An error also rejects the command that met it.
  redis.on('error', () => {});
  try {
    const node = readNodeIdentity(nodeId);
    const found = await Promise.all(
      uids.map(async (uid) => {
        const key = `${prefix}:uids/${node}:${uid}`;
        const [value, ttlMs] = await Promise.all([redis.get(key), redis.pttl(key)]);
        return value === null
          ? []
          : [{ uid, worker: value.split(' ')[1] ?? value, runsOutInMs: ttlMs < 0 ? null : ttlMs }];
      }),
    );
    return found.flat();
  } catch {
    return null;
  } finally {
    redis.disconnect();
  }
}
