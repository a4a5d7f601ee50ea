import { BullpenError, cancelKey, type FleetNames, type Result, resultKey } from '@bullpen/protocol';
import type { Logger } from '../log.ts';
import type { JobVerdict, QueuedJob } from '../queue-door.ts';
import type { RedisConnection } from '../redis/connect.ts';
import { publishResult } from '../redis/publish-result.ts';
import { logEnding, logFault } from './log-ending.ts';
import type { JobAttempt, JobEnding } from './process-job.ts';
import type { RunningJobs } from './running-jobs.ts';
import { summarize } from './summarize.ts';

export interface HandleJobContext {
  readonly names: FleetNames;
  readonly redis: RedisConnection;
  readonly running: RunningJobs;
  readonly logger: Logger;
  readonly resultTtlMs: number;
  process(attempt: JobAttempt): Promise<JobEnding>;
}

/**
 * One job from the queue's hands back into them: stopped at once if it was cancelled, not run again if an earlier attempt's result was
 * already accepted, its result published before the queue counts it as completed, and one line of log whatever happens.
 */
export async function handleJob(context: HandleJobContext, job: QueuedJob): Promise<JobVerdict> {
  const startedAtMs = Date.now();
  const registered = context.running.begin(job.id);
  const logger = context.logger.child({ job: job.id, attempt: job.attempt });
  try {
    const marks = await readMarks(context, job.id);
    if (marks.result !== null) return adoptResult(logger, marks.result);
    if (marks.isCancelled) context.running.stop(job.id, 'cancelled');
    const signal = AbortSignal.any([registered.signal, job.signal]);
    const ending = await context.process({ jobId: job.id, message: job.message, attempt: job.attempt, signal });
    if (ending.kind === 'give-back') {
      logger.info('job given back to the queue');
      return ending;
    }
    const resultText = JSON.stringify(ending.result);
    await publish(context, job, resultText);
    logEnding(logger, { result: ending.result, resultBytes: resultText.length, durationMs: Date.now() - startedAtMs });
    return { kind: 'done', summary: summarize(ending.result) };
  } catch (error) {
    logFault(logger, error, Date.now() - startedAtMs);
    throw error;
  } finally {
    registered.end();
  }
}

interface Marks {
  /** Text of a result that an earlier attempt published before its worker was lost; null when there is none. */
  readonly result: string | null;
  readonly isCancelled: boolean;
}

/** Asked after the job was registered, so that a cancellation is either announced to us or found here. */
async function readMarks({ redis, names }: HandleJobContext, jobId: string): Promise<Marks> {
  const [result = null, cancelled = null] = await redis.mget(resultKey(names, jobId), cancelKey(names, jobId));
  return { result, isCancelled: cancelled !== null };
}

/** A result that was published is final: running the job again could only produce a second one. */
function adoptResult(logger: Logger, text: string): JobVerdict {
  logger.info('job already has a result');
  return { kind: 'done', summary: summarize(JSON.parse(text) as Result) };
}

async function publish(context: HandleJobContext, job: QueuedJob, resultText: string): Promise<void> {
  const answer = await publishResult(context.redis, {
    lockKey: job.lockKey,
    token: job.token,
    resultKey: resultKey(context.names, job.id),
    resultText,
    ttlMs: context.resultTtlMs,
  });
  if (answer === 'lock-lost') {
    throw new BullpenError(
      'worker-lost',
      'The queue had taken the job for lost when its result was ready: the result is not published.',
    );
  }
}
