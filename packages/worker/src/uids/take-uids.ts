import { setTimeout as delay } from 'node:timers/promises';
import { JailerError } from '@bullpen/jailer';
import { isConflict, leaseUids, type LeaseTerms, type UidConflict, type UidLease } from './lease-uids.ts';
import { renderRange, type UidRange } from './uid-range.ts';

export interface TakeUidsOptions<Started> {
  readonly lease: LeaseTerms;
  readonly count: number;
  /** The operator's choice of the first UID; null for any. */
  readonly fixedBase: number | null;
  /** Proposes the first UID of a range that nothing on this host seems to use. */
  choose(): number;
  /** Starts what locks the leased UIDs on this host and proves them empty. */
  start(lease: UidLease): Promise<Started>;
}

export interface TakenUids<Started> {
  readonly lease: UidLease;
  readonly started: Started;
}

const triesMax = 10;
const betweenTriesMs = 200;

/**
 * Finds UIDs that no other worker has: leased on this node, locked on this host, and proven empty. A range that somebody else has is given up
 * for another random one; UIDs that the operator chose are waited for as long as a dead worker's lease may hold.
 */
export async function takeUids<Started>(options: TakeUidsOptions<Started>): Promise<TakenUids<Started>> {
  const { count, fixedBase } = options;
  for (let tries = 1; ; tries += 1) {
    const range = { base: fixedBase ?? options.choose(), count };
    const lease = fixedBase === null ? await leaseUids(options.lease, range) : await waitForLease(options.lease, range);
    const isLastTry = fixedBase !== null || tries === triesMax;
    if (isConflict(lease)) {
      if (isLastTry) throw refusal(range, lease, options.lease.node);
      continue;
    }
    try {
      return { lease, started: await options.start(lease) };
    } catch (error) {
      await lease.release();
      if (isLastTry || !(error instanceof JailerError) || error.step !== 'uid-lock') throw error;
    }
  }
}

async function waitForLease(terms: LeaseTerms, range: UidRange): Promise<UidLease | UidConflict> {
  // Twice the time to live: a lease that is still there was renewed by a worker that lives.
  const deadline = performance.now() + 2 * terms.ttlMs;
  for (;;) {
    const lease = await leaseUids(terms, range);
    if (!isConflict(lease) || performance.now() > deadline) return lease;
    await delay(betweenTriesMs);
  }
}

function refusal(range: UidRange, { uid, holder }: UidConflict, node: string): Error {
  return new Error(
    `UID ${uid} of the range ${renderRange(range)} is leased to worker ${holder} on node ${node}: choose another slotUidBase (\`bullpen uids pick\`), or leave it to the worker.`,
  );
}
