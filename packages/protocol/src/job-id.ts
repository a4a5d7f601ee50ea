import { z } from 'zod';

/**
 * The queue keeps keys of its own beside the records of its jobs: a job of such an id would be written into one of them, and nothing would run any
 * more. The names are those of BullMQ's `QueueKeys`, and a few that its earlier versions had.
 */
const namesOfTheQueue: ReadonlySet<string> = new Set([
  'active',
  'completed',
  'de',
  'delayed',
  'dn',
  'events',
  'failed',
  'id',
  'limiter',
  'marker',
  'meta',
  'metrics',
  'paused',
  'pc',
  'prioritized',
  'priority',
  'repeat',
  'stalled',
  'stalled-check',
  'wait',
  'waiting',
  'waiting-children',
]);

/** What a producer may call a job. */
export const jobIdSchema = z
  .string()
  .regex(
    /^(?!\d+$)[A-Za-z0-9._-]{1,128}$/,
    'must be 1 to 128 letters, digits, dots, dashes or underscores, and not only digits',
  )
  .refine((id) => !namesOfTheQueue.has(id), 'must not be a name that the queue itself uses: add a word to it');

/** Whether a job can have this id. */
export function isJobId(text: string): boolean {
  return jobIdSchema.safeParse(text).success;
}
