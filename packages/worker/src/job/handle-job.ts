import {
  BullpenError,
  cancelKey,
  type FleetNames,
  followKey,
  type Result,
  resultKey,
  resultSchema,
} from '@bullpen/protocol';
import type { Follows } from '../follow/follows.ts';
import type { Logger } from '../log.ts';
import type { JobVerdict, QueuedJob } from '../queue-door.ts';
import type { RedisConnection } from '../redis/connect.ts';
import type { Roster } from '../redis/keep-roster.ts';
import type { Outlasting } from '../redis/outlast.ts';
import { type Publication, publishResult } from '../redis/publish-result.ts';
import { RedisRefusedError } from '../redis/redis-refusal.ts';
import { handOver } from './hand-over.ts';
import { faultCode, logEnding, logFault } from './log-ending.ts';
import { type PackedResult, packResult } from './pack-result.ts';
import type { JobOutcomeLabel } from '../health/worker-metrics.ts';
import type { JobAttempt, JobEnding } from './job-attempt.ts';
import type { RunningJobs } from './running-jobs.ts';
import { summarize } from './summarize.ts';

export interface HandleJobContext {
  readonly names: FleetNames;
  readonly redis: RedisConnection;
  readonly running: RunningJobs;
  readonly follows: Follows;
  readonly logger: Logger;
  readonly resultTtlMs: number;
  readonly outputBudgetBytes: number;
  readonly roster: Pick<Roster, 'learn' | 'hasOther'>;
  readonly outlasting: Pick<Outlasting, 'insist'>;
  /** Told once for each job that was taken. */
  count(outcome: JobOutcomeLabel): void;
  process(attempt: JobAttempt): Promise<JobEnding>;
}

/**
 * One job from the queue's hands back into them: stopped at once if it was cancelled, not run again if an earlier attempt's result was
 * already accepted, its result published before the queue counts it as completed, and one line of log whatever happens. While Redis refuses
 * what that takes, the job waits, with its result.
 */
export async function handleJob(context: HandleJobContext, job: QueuedJob): Promise<JobVerdict> {
  const startedAtMs = Date.now();
  const registered = context.running.begin(job.id);
  const followable = context.follows.begin(job.id, job.attempt);
  const logger = context.logger.child({ job: job.id, attempt: job.attempt });
  const halted = AbortSignal.any([registered.halted, job.signal]);
  const insist: Insist = (ask) => context.outlasting.insist(ask, halted);
  try {
    const marks = await insist(() => readMarks(context, job.id));
    if (marks.earlier !== null && marks.earlier !== 'unreadable') return adoptResult(logger, marks.earlier);
    if (marks.isCancelled) context.running.stop(job.id, 'cancelled');
    if (marks.isFollowed) followable.follow();
    const signal = AbortSignal.any([registered.signal, job.signal]);
    const { output } = followable;
    const { id: jobId, message, attempt, token } = job;
    const ending = await context.process({ jobId, message, attempt, token, signal, output });
    followable.end(); // what follows is not to keep the output alive
    return await conclude(context, job, {
      ending,
      replacesUnreadable: marks.earlier === 'unreadable',
      startedAtMs,
      logger,
      insist,
    });
  } catch (thrown) {
    const isRefused = thrown instanceof RedisRefusedError;
    if (isRefused && !job.signal.aborted) return giveBack(context, logger);
    const error = isRefused ? lockLostError('while Redis refused to take its result', thrown) : thrown;
    logFault(logger, error, Date.now() - startedAtMs);
    context.count(faultCode(error));
    throw error;
  } finally {
    followable.end();
    registered.end();
  }
}

/** Asks again while Redis refuses, until the worker stops or the job is no longer ours. */
type Insist = <Value>(ask: () => Promise<Value>) => Promise<Value>;

function giveBack(context: HandleJobContext, logger: Logger): Extract<JobVerdict, { kind: 'give-back' }> {
  logger.info('job given back to the queue');
  context.count('given-back');
  return { kind: 'give-back' };
}

interface Conclusion {
  readonly ending: JobEnding;
  readonly replacesUnreadable: boolean;
  readonly startedAtMs: number;
  readonly logger: Logger;
  readonly insist: Insist;
}

/** Publishes the result, or says how the job goes back to the queue. */
async function conclude(context: HandleJobContext, job: QueuedJob, conclusion: Conclusion): Promise<JobVerdict> {
  const { ending, replacesUnreadable, startedAtMs, logger, insist } = conclusion;
  switch (ending.kind) {
    case 'give-back':
      return giveBack(context, logger);
    case 'put-off':
      logger.debug({ delayMs: ending.delayMs }, 'job put off');
      context.count('put-off');
      return ending;
    case 'refused': {
      const verdict = await insist(() => handOver(context.roster, ending.refusal, job.attempt));
      logger.info({ missing: ending.refusal.missing, delayMs: verdict.delayMs }, 'job handed over');
      context.count('handed-over');
      return verdict;
    }
    case 'result': {
      const packed = packResult(ending.result, context.outputBudgetBytes);
      const ttlMs = Math.min(ending.resultTtlMs ?? Infinity, context.resultTtlMs);
      await insist(() => publish(context, job, { packed, ttlMs, replacesUnreadable }));
      context.count(packed.outcome);
      const resultBytes = packed.bytes.byteLength;
      logEnding(logger, packed.facts, { resultBytes, durationMs: Date.now() - startedAtMs });
      return { kind: 'done', summary: packed.summary };
    }
    default:
      return ending satisfies never;
  }
}

interface Marks {
  /** A result that an earlier attempt published before its worker was lost; null when there is none. */
  readonly earlier: Result | 'unreadable' | null;
  readonly isCancelled: boolean;
  readonly isFollowed: boolean;
}

/** Asked after the job was registered, so that who cancels or follows it is either announced to us or found here. */
async function readMarks({ redis, names }: HandleJobContext, jobId: string): Promise<Marks> {
  const [result = null, cancelled = null, followed = null] = await redis.mget(
    resultKey(names, jobId),
    cancelKey(names, jobId),
    followKey(names, jobId),
  );
  return {
    earlier: result === null ? null : readResult(result, jobId),
    isCancelled: cancelled !== null,
    isFollowed: followed !== null,
  };
}

/** Whatever can write to Redis can write there: only what reads as a result of this very job is one. */
function readResult(text: string, jobId: string): Result | 'unreadable' {
  try {
    const parsed = resultSchema.safeParse(JSON.parse(text));
    return parsed.success && parsed.data.jobId === jobId ? parsed.data : 'unreadable';
  } catch {
    return 'unreadable'; // no JSON
  }
}

/** A result that was published is final: running the job again could only produce a second one. */
function adoptResult(logger: Logger, result: Result): JobVerdict {
  logger.info('job already has a result');
  return { kind: 'done', summary: summarize(result) };
}

async function publish(
  context: HandleJobContext,
  job: QueuedJob,
  {
    packed,
    ttlMs,
    replacesUnreadable,
  }: { readonly packed: PackedResult } & Pick<Publication, 'ttlMs' | 'replacesUnreadable'>,
): Promise<void> {
  const answer = await publishResult(context.redis, {
    lockKey: job.lockKey,
    token: job.token,
    resultKey: resultKey(context.names, job.id),
    bytes: packed.bytes,
    ttlMs,
    replacesUnreadable,
  });
  if (answer === 'lock-lost') throw lockLostError('when its result was ready');
}

function lockLostError(when: string, cause?: unknown): BullpenError {
  const message = `The queue had taken the job for lost ${when}: the result is not published.`;
  return new BullpenError('worker-lost', message, { cause });
}
