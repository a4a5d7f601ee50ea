import type { Job } from '@bullpen/protocol';

/** Start of the count of minutes, and after how many it starts anew (BullMQ's priorities end at 2,097,151: almost four years). */
const epochMs = Date.UTC(2026, 0, 1);
const cycleMinutes = 2_000_000;
/** How much later a batch job counts as submitted. */
const batchHandicapMinutes = 10;

/**
 * The queue's number for a job; smaller numbers are taken first, and equal ones in the order of submitting. It is the minute of
 * submission, later by a handicap for batch jobs: interactive jobs overtake, but a batch job that has waited ten minutes longer than a
 * new interactive one is taken before it, so batch work cannot starve.
 */
export function queuePriority(priority: Job['priority'], submittedAtMs: number): number {
  const minute = Math.floor((submittedAtMs - epochMs) / 60_000) + (priority === 'batch' ? batchHandicapMinutes : 0);
  return 1 + (((minute % cycleMinutes) + cycleMinutes) % cycleMinutes);
}
