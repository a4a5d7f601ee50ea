import { setTimeout as delay } from 'node:timers/promises';
import { BullpenError, errorCodes, type FleetNames } from '@bullpen/protocol';
import {
  createRedisBackend,
  DelayedError,
  type Job,
  UnrecoverableError,
  WaitingError,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import type { WorkerConfig } from './config.ts';
import { patientBackend } from './queue-backend.ts';
import type { RedisConnection } from './redis/connect.ts';
import type { Outlasting } from './redis/outlast.ts';
import { shortenFailed } from './redis/shorten-failed.ts';
import type { StopReason } from './stop-reason.ts';

/** One job as the queue hands it out. `signal` is aborted with a StopReason when the queue no longer counts the job as ours. */
export interface QueuedJob {
  readonly id: string;
  readonly message: unknown;
  /** Counts from 1; starts after a lost worker count too. */
  readonly attempt: number;
  /** Milliseconds since the epoch. */
  readonly submittedAt: number;
  /** Value of the queue's lock key while the job is ours. */
  readonly token: string;
  readonly lockKey: string;
  readonly signal: AbortSignal;
}

/**
 * What becomes of a job: done with a small summary; or back to the queue as if it had never been taken; or the same after a pause, for another
 * worker; or the same after a pause, for whoever takes it.
 */
export type JobVerdict =
  | { readonly kind: 'done'; readonly summary: object }
  | { readonly kind: 'give-back' }
  | { readonly kind: 'hand-over'; readonly delayMs: number }
  | { readonly kind: 'put-off'; readonly delayMs: number };

export interface QueueDoor {
  readonly ready: Promise<void>;
  /** Starts taking jobs. */
  start(): void;
  /** Takes at most so many jobs at a time from now on, but never fewer than one. */
  limit(jobs: number): void;
  /** Stops taking jobs; those that run go on. */
  pause(): Promise<void>;
  /** Takes jobs again after a pause. */
  resume(): void;
  /** Waits for the jobs that run, unless forced, and leaves the queue. */
  close(force: boolean): Promise<void>;
}

export interface QueueDoorOptions {
  readonly config: WorkerConfig;
  readonly connection: RedisConnection;
  readonly outlasting: Pick<Outlasting, 'insist' | 'note'>;
  /** Decides about one job. It throws for faults: a BullpenError whose code says whether another attempt makes sense. */
  handle(job: QueuedJob): Promise<JobVerdict>;
  onError(error: Error): void;
}

const backoffType = 'bullpen';
/** A job that was started so often and never came to an end is not tried again, whatever gave it back. */
const startsMax = 300;
/** For so short a pause of a job that it handed over, a worker takes no other in its place. */
const stepAsideMs = 200;
const stepAsideMarginMs = 50;

/** The worker's one door to BullMQ: takes jobs, at most one per slot, and translates verdicts and faults into BullMQ's terms. */
export function openQueueDoor(options: QueueDoorOptions): QueueDoor {
  const { config, connection, outlasting } = options;
  const closing = new AbortController();
  const processor = createProcessor(config, options.handle);
  const settings: WorkerOptions = {
    connection,
    prefix: config.prefix,
    name: config.workerId,
    autorun: false,
    concurrency: config.slots,
    lockDuration: config.lockDurationMs,
    stalledInterval: config.stalledIntervalMs,
    maxStalledCount: 2,
    maxStartedAttempts: startsMax,
    drainDelay: 5,
    runRetryDelay: 500,
    removeOnComplete: { age: Math.ceil(config.completedAgeMs / 1000), count: config.completedCount },
    removeOnFail: { age: Math.ceil(config.failedAgeMs / 1000), count: config.failedCount },
    settings: {
      backoffStrategy: (attemptsMade, type) =>
        type === backoffType ? backoffMs(config, attemptsMade) : config.retryDelayMs,
    },
  };
  const worker = new Worker(config.queue, processor, settings, (...backend) =>
    patientBackend(createRedisBackend(...backend), { redis: connection, outlasting, closing: closing.signal }),
  );
  const onError = (error: Error): void => {
    if (!outlasting.note(error)) options.onError(error);
  };
  worker.on('error', onError);
  worker.on('failed', (job) => {
    if (job?.id !== undefined) shortenFailed(connection, worker.toKey(job.id), job).catch(onError);
  });
  worker.on('lockRenewalFailed', (jobIds) => {
    for (const jobId of jobIds) worker.cancelJob(jobId, 'lock-lost' satisfies StopReason);
  });
  return {
    ready: worker.waitUntilReady(),
    start() {
      worker.run().catch(onError);
    },
    limit(jobs) {
      const isMore = jobs > worker.concurrency;
      worker.concurrency = Math.max(1, jobs);
      if (isMore) wakeUp(worker);
    },
    pause: () => worker.pause(true),
    resume() {
      worker.resume().catch(onError);
    },
    close(force) {
      closing.abort();
      return worker.close(force);
    },
  };
}

/**
 * BullMQ looks for more jobs only when one of those that it has ends, or when it is resumed. Both calls take effect before anything else
 * can run, so nothing sees the worker paused.
 */
function wakeUp(worker: Worker): void {
  if (!worker.isRunning() || worker.isPaused()) return;
  void worker.pause(true);
  void worker.resume();
}

/**
 * BullMQ makes the AbortSignal only for a function that declares exactly three parameters: no rest, no default values.
 * A test counts them.
 */
export function createProcessor(names: FleetNames, handle: QueueDoorOptions['handle']) {
  return async function processQueuedJob(
    job: Job,
    token: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<object> {
    if (token === undefined || signal === undefined)
      throw new Error('The queue gave a job without its lock token or signal.');
    const verdict = await handle({ ...describeJob(job), token, lockKey: lockKey(names, String(job.id)), signal }).catch(
      throwForQueue,
    );
    switch (verdict.kind) {
      case 'done':
        return verdict.summary;
      case 'give-back':
        await job.moveToWait(token);
        throw new WaitingError();
      case 'hand-over':
        await job.moveToDelayed(Date.now() + verdict.delayMs, token);
        // Or we would be as likely to take it again as the worker that it is for.
        if (verdict.delayMs <= stepAsideMs) await delay(verdict.delayMs + stepAsideMarginMs);
        throw new DelayedError();
      case 'put-off':
        await job.moveToDelayed(Date.now() + verdict.delayMs, token);
        throw new DelayedError();
      default:
        return verdict satisfies never;
    }
  };
}

function describeJob(job: Job): Pick<QueuedJob, 'id' | 'message' | 'attempt' | 'submittedAt'> {
  return { id: String(job.id), message: job.data, attempt: job.attemptsStarted, submittedAt: job.timestamp };
}

/** BullMQ's own key; it holds the token of the worker that has the job, for as long as that worker renews it. */
function lockKey(names: FleetNames, jobId: string): string {
  return `${names.prefix}:${names.queue}:${jobId}:lock`;
}

/** Faults travel as `code: message`; those that no other attempt can cure fail the job at once. */
function throwForQueue(error: unknown): never {
  const fault =
    error instanceof BullpenError ? error : new BullpenError('internal', messageOf(error), { cause: error });
  const reason = fault.toFailedReason();
  throw errorCodes[fault.code].retry ? new Error(reason, { cause: fault }) : new UnrecoverableError(reason);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Doubles from `retryDelayMs` to `retryDelayMaxMs`; the second half of each delay is random, so that jobs that failed together do not come back together. */
export function backoffMs(
  config: Pick<WorkerConfig, 'retryDelayMs' | 'retryDelayMaxMs'>,
  attemptsMade: number,
  random: () => number = Math.random,
): number {
  const full = Math.min(config.retryDelayMs * 2 ** Math.min(attemptsMade - 1, 30), config.retryDelayMaxMs);
  return Math.round(full / 2 + random() * (full / 2));
}
