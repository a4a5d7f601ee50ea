import { canonicalJson, issueSentence } from '@bullpen/profiles';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { BullpenError } from './errors.ts';
import { type Job, jobBounds, jobSchema } from './job.ts';
import { checkJobBounds } from './parse-job.ts';

/** What travels through the queue: one job and when it was submitted. `v` is raised when an older worker could misread it. */
export const messageSchema = z.strictObject({
  v: z.literal(1),
  job: jobSchema,
  /** Milliseconds since the epoch, by the producer's clock. */
  submittedAt: z.number().min(0),
  /** `jobDigest` of the job, for producers that want to know whether an id was used for another job. */
  digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')
    .optional(),
});

export type Message = z.output<typeof messageSchema>;

/** A character of a text takes at most this many bytes in JSON (`\u0001`), so content below the bound's share needs no measuring. */
const JSON_GROWTH = 6;

/**
 * Wraps a parsed job for the queue. `submittedAt` is in milliseconds since the epoch.
 * Throws `invalid-job` when the message would have more than `jobBounds.messageBytes` bytes as JSON.
 */
export function makeMessage(job: Job, submittedAt: number): Message {
  const message: Message = { v: 1, job, submittedAt };
  if (contentCharacters(job) * JSON_GROWTH < jobBounds.messageBytes) return message;
  const bytes = Buffer.byteLength(JSON.stringify(message));
  if (bytes > jobBounds.messageBytes) {
    throw new BullpenError(
      'invalid-job',
      `the job must have at most ${jobBounds.messageBytes} bytes as JSON, got ${bytes}: send fewer files or less stdin`,
    );
  }
  return message;
}

/** Reads a message of the queue again, as a worker must: the queue may hold anything. Throws `invalid-job` with one sentence. */
export function parseMessage(value: unknown): Message {
  const parsed = messageSchema.safeParse(value);
  if (!parsed.success) throw new BullpenError('invalid-job', issueSentence(parsed.error, value, 'the message'));
  checkJobBounds(parsed.data.job);
  return parsed.data;
}

/** SHA-256 in hex over the job's content; equal for equal jobs, however their fields were ordered. */
export function jobDigest(job: Job): string {
  return createHash('sha256').update(canonicalJson(job)).digest('hex');
}

/** Characters of all that can be large in a job; the rest is bounded by the schema to a few megabytes. */
function contentCharacters(job: Job): number {
  const contents = [...job.files.map(({ content }) => content), ...job.commands.map(({ stdin }) => stdin)];
  let total = 0;
  for (const content of contents) total += typeof content === 'string' ? content.length : content.base64.length;
  return total;
}
