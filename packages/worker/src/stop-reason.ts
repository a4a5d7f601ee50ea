/**
 * Why a running job is stopped before its end.
 *
 * - `cancelled`: its producer no longer wants it; the job ends as `cancelled`.
 * - `shutdown`: this worker stops; the job goes back to the queue and spends no attempt.
 * - `lock-lost`: Redis no longer counts the job as ours; another worker has it or will have it.
 * - `budget-exceeded`: it outlived every limit of its commands together: the slot is sick.
 * - `jailer-lost`: the jailer ended.
 */
export const stopReasons = ['cancelled', 'shutdown', 'lock-lost', 'budget-exceeded', 'jailer-lost'] as const;

export type StopReason = (typeof stopReasons)[number];

/** Reads the reason of an aborted signal; null while it is not aborted. A reason of unknown shape counts as a lost lock: nothing is published. */
export function stopReasonOf(signal: AbortSignal): StopReason | null {
  if (!signal.aborted) return null;
  const reason: unknown = signal.reason;
  return stopReasons.find((known) => known === reason) ?? 'lock-lost';
}
