import { issueSentence } from '@bullpen/profiles';
import { z } from 'zod';
import { BullpenError } from './errors.ts';
import { jobSchema } from './job.ts';
import { jobDigestSchema } from './job-digest.ts';
import { checkJobBounds } from './parse-job.ts';

/** What travels through the queue: one job and when it was submitted. `v` is raised when an older worker could misread it. */
export const messageSchema = z.strictObject({
  v: z.literal(1),
  job: jobSchema,
  /** Milliseconds since the epoch, by the producer's clock. */
  submittedAt: z.number().min(0),
  /** `jobDigest` of the job, for producers that want to know whether an id was used for another job. */
  digest: jobDigestSchema.optional(),
});

export type Message = z.output<typeof messageSchema>;

/** Reads a message of the queue again, as a worker must: the queue may hold anything. Throws `invalid-job` with one sentence. */
export function parseMessage(value: unknown): Message {
  const parsed = messageSchema.safeParse(value);
  if (!parsed.success) throw new BullpenError('invalid-job', issueSentence(parsed.error, value, 'the message'));
  checkJobBounds(parsed.data.job);
  return parsed.data;
}
