import { z } from 'zod';

/**
 * Says of a worker's results from a time on that a probe failed after they were published: what confined their jobs may not have held.
 * Workers raise doubts when a probe fails; readers compare them with receipts.
 */
export const doubtSchema = z.strictObject({
  /** The worker whose results are meant; null for those of every worker. */
  worker: z.string().nullable(),
  /** The slot whose results are meant; null for those of all slots of the worker. */
  slot: z.int().min(0).nullable(),
  /** Milliseconds since the epoch by the worker's clock: when a probe last passed. */
  since: z.number(),
  /** When probes passed again; null while they do not. */
  until: z.number().nullable(),
  /** Name of the probe that failed. */
  probe: z.string(),
  /** When no result that it is about is kept any more; then it may be forgotten. */
  expiresAt: z.number(),
});

export type Doubt = z.infer<typeof doubtSchema>;

/** What a result's reader is told of a doubt: the time from which on results are in doubt, and the probe that failed. */
export const doubtfulSchema = z.strictObject({ since: z.number(), probe: z.string() });

export type Doubtful = z.infer<typeof doubtfulSchema>;

/** How many doubts a fleet keeps; more are drawn together to one that says more than it needs to. */
export const doubtsMax = 200;

/** Reads the doubts of a fleet, as they stand under `doubtsKey`. What cannot be read is left out: whatever can write to Redis can write there. */
export function parseDoubts(text: string | null): readonly Doubt[] {
  if (text === null) return [];
  try {
    const values: unknown = JSON.parse(text);
    if (!Array.isArray(values)) return [];
    return values.flatMap((value) => {
      const parsed = doubtSchema.safeParse(value);
      return parsed.success ? [parsed.data] : [];
    });
  } catch {
    return []; // no JSON
  }
}

/** What a receipt says of the run that it is about. */
export interface ReceiptOfRun {
  readonly worker: string;
  readonly slot: number;
  readonly cached?: { readonly finishedAt: number } | undefined;
}

/** The doubt that a result is in, the earliest of several; null for a result that nothing is known against, or that no worker made. */
export function findDoubt(
  doubts: readonly Doubt[],
  result: { readonly receipt: ReceiptOfRun | null; readonly finishedAt: number },
): Doubtful | null {
  const { receipt } = result;
  if (receipt === null) return null;
  // The worker and the slot of a cached result are those of the run that made it, and so is the time that counts.
  const finishedAt = receipt.cached?.finishedAt ?? result.finishedAt;
  const matching = doubts.filter(
    ({ worker, slot, since, until }) =>
      (worker === null || worker === receipt.worker) &&
      (slot === null || slot === receipt.slot) &&
      finishedAt >= since &&
      (until === null || finishedAt <= until),
  );
  const [earliest] = matching.toSorted((one, other) => one.since - other.since);
  return earliest === undefined ? null : { since: earliest.since, probe: earliest.probe };
}
