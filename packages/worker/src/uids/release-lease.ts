import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { collectProcessIds } from '../host/choose-uids.ts';
import type { Logger } from '../log.ts';
import type { UidLease } from './lease-uids.ts';
import { uidsOf } from './uid-range.ts';

/** How long a Redis that is away may keep a worker from ending; its lease then runs out by itself. */
const releaseDeadlineMs = 2000;

/**
 * Gives a lease back when no process of its UIDs is left, for use after the jailer has ended. Otherwise the lease runs out, and whoever takes it
 * next finds the process in its own proof.
 */
export async function releaseLease(lease: UidLease, logger: Logger): Promise<void> {
  const occupied = readOccupied(uidsOf(lease.range));
  if (occupied.length > 0) {
    logger.error({ uids: occupied }, 'UIDs of slots still have processes: their lease is left to run out');
    return;
  }
  const timer = new AbortController();
  const late = delay(releaseDeadlineMs, undefined, { signal: timer.signal }).catch(() => {});
  await Promise.race([lease.release(), late]);
  timer.abort();
}

/** Which of the UIDs have processes that this process can see. */
function readOccupied(uids: readonly number[]): number[] {
  const running = new Set<number>();
  for (const entry of readdirSync('/proc')) {
    if (/^\d+$/.test(entry)) collectProcessIds(readStatus(entry), running);
  }
  return uids.filter((uid) => running.has(uid));
}

function readStatus(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return ''; // it has ended meanwhile
  }
}
