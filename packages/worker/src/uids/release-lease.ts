import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../log.ts';
import type { UidLease } from './lease-uids.ts';
import { readOccupants } from './read-occupants.ts';
import { uidsOf } from './uid-range.ts';

/** How long a Redis that is away may keep a worker from ending; its lease then runs out by itself. */
const releaseDeadlineMs = 2000;

export interface ReleaseLeaseOptions {
  readonly lease: UidLease;
  /** The UID is the worker's own, too: that it still has a process says nothing. */
  readonly isShared: boolean;
  readonly logger: Logger;
}

/**
 * Gives a lease back when no process of its UIDs is left, for use after the jailer has ended. Otherwise the lease runs out, and whoever takes it
 * next finds the process in its own proof.
 */
export async function releaseLease({ lease, isShared, logger }: ReleaseLeaseOptions): Promise<void> {
  const occupants = isShared ? [] : readOccupants(uidsOf(lease.range));
  if (occupants.length > 0) {
    logger.error({ occupants }, 'UIDs of slots still have processes: their lease is left to run out');
    return;
  }
  const timer = new AbortController();
  const late = delay(releaseDeadlineMs, undefined, { signal: timer.signal }).catch(() => {});
  await Promise.race([lease.release(), late]);
  timer.abort();
}
