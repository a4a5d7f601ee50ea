import type { JobToSubmit } from '@bullpen/client';
import { parseJob, type Result } from '@bullpen/protocol';
import type { DoorContext } from '../door-context.ts';
import type { Caller } from '../keys/caller.ts';
import { checkCeilings } from '../keys/check-ceilings.ts';
import { holdPlace, type Place } from '../keys/key-quotas.ts';
import { type RunOptions, runJob } from './run-job.ts';

export interface CallerOptions extends RunOptions {
  /** Nobody, where the door stands alone. */
  readonly caller: Caller | undefined;
  /** Where the job is counted; absent where jobs are not counted. */
  readonly place: Place | undefined;
}

/** Runs a job within what the caller's key allows. Throws Problems `above-key-ceiling` and `too-many-jobs`, and what `runJob` throws. */
export async function runForCaller(
  { client, catalog }: DoorContext,
  job: JobToSubmit,
  { caller, place, ...options }: CallerOptions,
): Promise<Result> {
  if (caller === undefined || Object.keys(caller.ceilings).length === 0) return runJob(client, job, options);
  checkCeilings(parseJob(job), caller, catalog);
  const counted = place === undefined ? job : { ...job, id: place.jobId };
  return holdPlace(place, () => runJob(client, counted, options));
}
