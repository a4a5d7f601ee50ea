import type { Result } from '@bullpen/protocol';
import type { CacheEntry } from '../cache/cache-entry.ts';
import type { Flight, ResultCache } from '../cache/result-cache.ts';
import { endWithResult, type JobAttempt, type JobEnding } from './job-attempt.ts';
import type { JobPlan } from './plan-job.ts';

/** A job that asks for the cache, on its way to a slot. */
export interface CacheableRun {
  readonly attempt: JobAttempt;
  readonly plan: JobPlan;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** The longest that `run` can take, in milliseconds. */
  readonly runMsMax: number;
  run(): Promise<JobEnding>;
}

/** Runs the job unless the run of an equal one answers it; while that one is under way the job is put off. */
export async function runOnce(cache: ResultCache, run: CacheableRun): Promise<JobEnding> {
  const { attempt, plan, runMsMax } = run;
  const { jobId, token, attempt: starts } = attempt;
  const answer = await cache.lookUp({ jobId, token, starts, plan, runMsMax });
  switch (answer.kind) {
    case 'hit':
      return endWithResult(plan, makeCachedResult(run, answer.entry));
    case 'put-off':
      return answer;
    case 'run':
      return fly(answer.flight, run);
    default:
      return answer satisfies never;
  }
}

/** Kept before it is published: whoever has seen the result and submits the job again finds the entry. */
async function fly(flight: Flight, { run }: CacheableRun): Promise<JobEnding> {
  let ending: JobEnding | null = null;
  try {
    ending = await run();
    return ending;
  } finally {
    if (ending?.kind === 'result' && ending.result.state === 'finished') await flight.keep(ending.result);
    else await flight.abandon();
  }
}

/** What the run made, under this job's name; its receipt is the run's and says so. */
function makeCachedResult({ attempt, plan, startedAt }: CacheableRun, entry: CacheEntry): Result {
  const { commands, files, receipt, jobId, finishedAt } = entry;
  return {
    jobId: attempt.jobId,
    profile: plan.job.profile,
    state: 'finished',
    commands,
    files,
    labels: plan.job.labels,
    receipt: { ...receipt, cached: { jobId, finishedAt } },
    attempt: attempt.attempt,
    ...(plan.digest !== undefined && { digest: plan.digest }),
    submittedAt: plan.submittedAt,
    startedAt,
    finishedAt: Date.now(),
  };
}
