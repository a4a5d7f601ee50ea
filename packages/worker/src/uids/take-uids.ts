import { setTimeout as delay } from 'node:timers/promises';
import { JailerError } from '@bullpen/jailer';
import { isConflict, leaseUids, type LeaseTerms, type UidConflict, type UidLease } from './lease-uids.ts';
import { UidOccupiedError } from './uid-occupied-error.ts';
import { renderRange, type UidRange } from './uid-range.ts';

export interface TakeUidsOptions<Started> {
  readonly lease: LeaseTerms;
  readonly count: number;
  /** The operator's choice of the first UID; null for any. */
  readonly fixedBase: number | null;
  /** What an operator can do about UIDs that another worker has and keeps: the end of a sentence. */
  readonly remedy: string;
  /** Proposes the first UID of a range that nothing on this host seems to use. */
  choose(): number;
  /** Another worker has the operator's UIDs: told once, before its lease is waited for. */
  onWait(sentence: string): void;
  /** Starts what locks the leased UIDs on this host and proves them empty. Rejects with a UidOccupiedError when a stranger has one. */
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
    const lease = fixedBase === null ? await leaseUids(options.lease, range) : await waitForLease(options, range);
    const isLastTry = fixedBase !== null || tries === triesMax;
    if (isConflict(lease)) {
      if (isLastTry) throw new Error(`${renderConflict(range, lease, options.lease.node)}: ${options.remedy}.`);
      continue;
    }
    try {
      return { lease, started: await options.start(lease) };
    } catch (error) {
      await lease.release();
      if (isLastTry || !isTaken(error)) throw error;
    }
  }
}

/** Whether other UIDs would do: another jailer of the host has locked one of these, or a process has it. */
function isTaken(error: unknown): boolean {
  return error instanceof UidOccupiedError || (error instanceof JailerError && error.step === 'uid-lock');
}

async function waitForLease(
  { lease: terms, onWait }: Pick<TakeUidsOptions<unknown>, 'lease' | 'onWait'>,
  range: UidRange,
): Promise<UidLease | UidConflict> {
  // Twice the time to live: a lease that is still there was renewed by a worker that lives.
  const deadline = performance.now() + 2 * terms.ttlMs;
  for (let tries = 1; ; tries += 1) {
    const lease = await leaseUids(terms, range);
    if (!isConflict(lease) || performance.now() > deadline) return lease;
    if (tries === 1) onWait(`${renderConflict(range, lease, terms.node)}: ${renderRest(lease)}.`);
    await delay(betweenTriesMs);
  }
}

function renderRest({ runsOutInMs }: UidConflict): string {
  return `unless that worker lives and renews it, the lease runs out in ${Math.ceil(runsOutInMs / 1000)} s and is taken over then`;
}

function renderConflict(range: UidRange, { uid, holder }: UidConflict, node: string): string {
  return `UID ${uid} of the range ${renderRange(range)} is leased to worker ${holder} on node ${node}`;
}
