import type { JobToSubmit } from '@bullpen/client';
import { parseJob, type Result } from '@bullpen/protocol';
import type { DoorContext } from '../door-context.ts';
import type { Caller } from '../keys/caller.ts';
import { checkCeilings } from '../keys/check-ceilings.ts';
import type { JobLedger } from '../keys/job-ledger.ts';
import { type RunOptions, runJob } from './run-job.ts';

/** What the door needs of the gateway that it is a part of. */
export interface CodeboxContext extends DoorContext {
  /** Counts the jobs of keys that may not have many; absent where nobody has a key. */
  readonly ledger?: Pick<JobLedger, 'reserve'>;
}

/**
 * Runs a job within what the caller's key allows; the place that it takes among the key's jobs is free again when it has ended. Throws Problems
 * `above-key-ceiling` and `too-many-jobs`, and what `runJob` throws.
 */
export async function runForCaller(
  { client, catalog, ledger }: CodeboxContext,
  job: JobToSubmit,
  { caller, ...options }: RunOptions & { readonly caller: Caller | undefined },
): Promise<Result> {
  if (caller === undefined || Object.keys(caller.ceilings).length === 0) return runJob(client, job, options);
  checkCeilings(parseJob(job), caller, catalog);
  const place = ledger?.reserve(caller);
  try {
    return await runJob(client, job, options);
  } finally {
    place?.release();
  }
}
