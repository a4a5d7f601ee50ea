import { randomUUID } from 'node:crypto';
import type { Catalog } from '@bullpen/profiles';
import { BullpenError, checkJob, type JobInput, jobBounds, jobDigest, type Message, parseJob } from '@bullpen/protocol';
import { queuePriority } from './priority.ts';
import type { QueueEntry } from './queue-door.ts';
import type { Prepared } from './submit-many.ts';

/** A job that was checked here as it will be checked again by the worker, with its id, ready for the queue. */
export interface PreparedJob extends Prepared {
  readonly entry: QueueEntry & { readonly message: Message };
  /** Whether the id was made here, so that it was never used. */
  readonly hasNewId: boolean;
}

/** Parses and checks a job. Throws BullpenError `invalid-job`, `unknown-profile` or `limit-above-ceiling` with one sentence. */
export function prepareJob(input: JobInput, catalog: Catalog): PreparedJob {
  const job = parseJob(input);
  checkJob(job, catalog);
  const submittedAtMs = Date.now();
  const message: Message = {
    v: 1,
    job,
    submittedAt: submittedAtMs,
    ...(job.id !== undefined && { digest: jobDigest(job) }),
  };
  const bytes = bytesAsJson(message);
  if (bytes > jobBounds.messageBytes) {
    throw new BullpenError(
      'invalid-job',
      `the job must have at most ${jobBounds.messageBytes} bytes as JSON, got ${bytes}: send less`,
    );
  }
  const id = job.id ?? randomUUID();
  const priority = queuePriority(job.priority, submittedAtMs);
  const entry = { id, message, priority, attempts: job.attempts, submittedAtMs };
  return { bytes, entry, hasNewId: job.id === undefined };
}

/** Base64 stands in JSON as it is: megabytes of it are counted, and not written for that. */
function bytesAsJson(message: Message): number {
  let base64Bytes = 0;
  const files = message.job.files.map((file) => {
    if (typeof file.content === 'string') return file;
    base64Bytes += file.content.base64.length;
    return { ...file, content: { base64: '' } };
  });
  return base64Bytes + Buffer.byteLength(JSON.stringify({ ...message, job: { ...message.job, files } }));
}

/** The same for one of many: the error says which. */
export function prepareNth(input: JobInput, catalog: Catalog, index: number): PreparedJob {
  try {
    return prepareJob(input, catalog);
  } catch (error) {
    if (!(error instanceof BullpenError)) throw error;
    const id = typeof input.id === 'string' ? ` (id ${input.id})` : '';
    throw new BullpenError(error.code, `job ${index} of the stream${id}: ${error.message}`, { cause: error });
  }
}
