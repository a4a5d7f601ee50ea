import type { Result } from '@bullpen/protocol';
import type { OutputWatcher } from '../follow/kept-output.ts';
import type { Refusal } from './hand-over.ts';
import type { JobPlan } from './plan-job.ts';

/** One attempt at a job. */
export interface JobAttempt {
  readonly jobId: string;
  readonly message: unknown;
  /** Counts from 1. */
  readonly attempt: number;
  /** Value of the queue's lock while the job is ours. */
  readonly token: string;
  /** Aborted with a StopReason when the job is to be stopped. */
  readonly signal: AbortSignal;
  /** Told what the commands write, while they write it; nobody unless said. */
  readonly output?: OutputWatcher;
}

/**
 * A result to publish, with how long its producer wants it kept; or nothing, because the worker stops or has no slot for it, so that the job goes back to the queue; or nothing, because
 * the jail lacked a layer of the floor, or one that the job requires; or nothing yet, because an equal job is being run.
 */
export type JobEnding =
  | { readonly kind: 'result'; readonly result: Result; readonly resultTtlMs: number | undefined }
  | { readonly kind: 'give-back' }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'put-off'; readonly delayMs: number };

/** The ending of a planned job that has a result. */
export function endWithResult({ job }: Pick<JobPlan, 'job'>, result: Result): JobEnding {
  return { kind: 'result', result, resultTtlMs: job.resultTtlMs };
}
