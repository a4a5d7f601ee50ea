import { type Doubt, doubtsMax } from '@bullpen/protocol';

/** Adds doubts; those of which no result is kept any more are forgotten, and too many are drawn together. */
export function addDoubts(doubts: readonly Doubt[], added: readonly Doubt[], nowMs: number): readonly Doubt[] {
  return drawTogether([...doubts.filter(({ expiresAt }) => expiresAt > nowMs), ...added]);
}

/** Ends the open doubts of a worker: what it publishes from now on is not meant. */
export function settleDoubts(
  doubts: readonly Doubt[],
  worker: string,
  { nowMs, expiresAt }: { readonly nowMs: number; readonly expiresAt: number },
): readonly Doubt[] {
  return doubts
    .filter((doubt) => doubt.expiresAt > nowMs)
    .map((doubt) => (doubt.worker === worker && doubt.until === null ? { ...doubt, until: nowMs, expiresAt } : doubt));
}

/**
 * Never says less than before: of the worker with the most doubts one remains that covers them all, then of the next; where each worker has
 * one only, the older half becomes one about every worker.
 */
function drawTogether(doubts: readonly Doubt[]): readonly Doubt[] {
  let rest = doubts;
  while (rest.length > doubtsMax) {
    const byWorker = Map.groupBy(rest, ({ worker }) => worker);
    const [most = []] = [...byWorker.values()].toSorted((one, other) => other.length - one.length);
    const drawn = new Set(most.length > 1 ? most : rest.slice(0, Math.ceil(rest.length / 2)));
    rest = [...rest.filter((doubt) => !drawn.has(doubt)), [...drawn].reduce(cover)];
  }
  return rest;
}

function cover(one: Doubt, other: Doubt): Doubt {
  return {
    ...one,
    worker: one.worker === other.worker ? one.worker : null,
    slot: one.worker === other.worker && one.slot === other.slot ? one.slot : null,
    since: Math.min(one.since, other.since),
    until: one.until === null || other.until === null ? null : Math.max(one.until, other.until),
    expiresAt: Math.max(one.expiresAt, other.expiresAt),
  };
}
