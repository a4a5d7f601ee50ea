import type { RedisConnection } from './connect.ts';

/** A message of more bytes goes when its job has failed for good: many records of failed jobs are kept, and for long. */
const keptFailedBytes = 16_384;

/**
 * Writes only into the record of the very job that failed: one with its id may have come since. The end goes first, since a Redis whose memory is
 * full refuses to set fields, but not to a script that has already removed something.
 */
const script = `
if redis.call('HGET', KEYS[1], 'finishedOn') ~= ARGV[1] or redis.call('HSTRLEN', KEYS[1], 'data') <= tonumber(ARGV[2]) then return 0 end
redis.call('HDEL', KEYS[1], 'data')
redis.call('HSET', KEYS[1], 'data', ARGV[3])
return 1
`;

/** As BullMQ describes a job that met an error; `finishedOn` is there when it was the last time. */
export interface FailedJob {
  readonly data: unknown;
  readonly finishedOn?: number | undefined;
}

/**
 * Leaves of a large record of a failed job what is still asked of it: its profile and labels, and the digest by which another job with its id is
 * told from the same one. Nothing happens while the job has attempts left.
 */
export async function shortenFailed(redis: RedisConnection, recordKey: string, job: FailedJob): Promise<void> {
  if (job.finishedOn === undefined) return;
  const short = JSON.stringify(shorten(job.data));
  await redis.eval(script, 1, recordKey, job.finishedOn, keptFailedBytes, short);
}

/** The digest stays the last of the message: clients read no more than its end. */
function shorten(message: unknown): object {
  const { v, submittedAt, job, digest } = asRecord(message);
  const { profile, labels } = asRecord(job);
  const short = { v, submittedAt, job: { profile, labels }, digest };
  return JSON.stringify(short).length > keptFailedBytes ? { v, digest } : short;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
