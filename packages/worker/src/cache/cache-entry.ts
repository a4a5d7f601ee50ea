import { type LayerName, missingLayers, receiptSchema, type Result, resultSchema } from '@bullpen/protocol';
import { z } from 'zod';
import { findMissing, type Floor } from '../probes/floor.ts';
import { cacheVersion } from './cache-digest.ts';
import { isRepeatable } from './is-repeatable.ts';

/** What is kept of one run. It names what it answers, so that it answers nothing else wherever it is put. */
const cacheEntrySchema = z.strictObject({
  v: z.literal(cacheVersion),
  digest: z.string(),
  jobId: z.string(),
  ...resultSchema.pick({ commands: true, files: true, finishedAt: true }).shape,
  /** Of the run itself: what was made from an entry is not kept as another. */
  receipt: receiptSchema.omit({ cached: true }),
});

export type CacheEntry = z.infer<typeof cacheEntrySchema>;

/** The entry of a run as JSON; null when its result may have been chance, was itself cached, or has more than `bytesMax` bytes. */
export function renderEntry(digest: string, result: Result, bytesMax: number): Buffer | null {
  const { jobId, commands, files, finishedAt, receipt } = result;
  if (receipt === null || receipt.cached !== undefined || !isRepeatable(result)) return null;
  const entry: CacheEntry = { v: cacheVersion, digest, jobId, finishedAt, commands, files, receipt };
  const bytes = Buffer.from(JSON.stringify(entry));
  return bytes.byteLength > bytesMax ? null : bytes;
}

/** Reads what stands under a digest. Whatever can write to Redis can write there: null for all but an entry that could have been kept there. */
export function readEntry(text: string, digest: string, commands: number): CacheEntry | null {
  try {
    const parsed = cacheEntrySchema.safeParse(JSON.parse(text));
    if (!parsed.success || parsed.data.digest !== digest || parsed.data.commands.length !== commands) return null;
    return isRepeatable({ ...parsed.data, state: 'finished' }) ? parsed.data : null;
  } catch {
    return null; // no JSON
  }
}

/** Whether the run was confined as its reader's job and worker ask for. */
export function wasConfined({ receipt }: CacheEntry, floor: Floor, required: readonly LayerName[]): boolean {
  return findMissing(floor, receipt.layers) === null && missingLayers(required, receipt.layers).length === 0;
}
