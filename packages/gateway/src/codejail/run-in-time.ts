import type { Client, JobHandle, JobToSubmit } from '@bullpen/client';
import type { Result } from '@bullpen/protocol';
import type { Admission } from './admission.ts';
import type { ExecutionEnd } from './execution.ts';
import { backlogRefusal, deadlineRefusal, tooLongRefusal } from './fleet-refusals.ts';

/** A job whose id is chosen by us, at random, so that it can be cancelled even when it is not known whether it was queued. */
export type IdentifiedJob = JobToSubmit & { readonly id: string };

export interface RunContext {
  readonly client: Client;
  readonly admission: Admission;
  /** Called when the job is in the queue, or will not be. */
  readonly onSubmitted?: () => void;
}

/** How long before the deadline it is asked whether the job runs. */
const lookMs = 150;
/** A job that was taken later than this after its submission was kept from running by the fleet. */
const promptMs = 1000;

/**
 * Runs a job and waits for its result until the client has gone away or the budget has ended: then the job is cancelled. Rejects with a Refusal, with
 * the reason of the client's signal, or as the job's handle does.
 */
export async function runInTime(
  job: IdentifiedJob,
  { client, admission, onSubmitted = () => {} }: RunContext,
  end: ExecutionEnd,
): Promise<Result> {
  const { gone, startedMs, budgetMs } = end;
  const leftMs = startedMs + budgetMs - performance.now();
  const stop = new AbortController();
  const signal = AbortSignal.any([gone, stop.signal]);
  let refusal = deadlineRefusal(budgetMs);
  const deadline = setTimeout(() => stop.abort(refusal), Math.max(0, leftMs));
  const submitting = client.submit(job, { isNewId: true }).finally(onSubmitted);
  let look: NodeJS.Timeout | undefined;
  try {
    const handle = await unlessAborted(submitting, signal);
    leaveHopelessQueue(leftMs, admission, stop);
    look = setTimeout(() => {
      void runsForLong(handle, job, budgetMs).then((isSo) => {
        if (isSo) refusal = tooLongRefusal(budgetMs);
      });
    }, leftMs - lookMs);
    // A Redis that hangs keeps the wait from beginning, and so from hearing of the signal.
    return await unlessAborted(handle.result({ signal }), signal);
  } finally {
    clearTimeout(deadline);
    clearTimeout(look);
    if (signal.aborted) {
      const cancelled = cancel(client, job.id, submitting);
      // Nobody waits for an answer then, but whoever stops the gateway waits for its requests.
      if (gone.aborted) await cancelled;
    }
  }
}

/** Whether the code itself takes the time, which its limits allow, and not the fleet. */
async function runsForLong(handle: JobHandle, { limits }: IdentifiedJob, budgetMs: number): Promise<boolean> {
  if ((limits?.wallTimeMs ?? 0) <= budgetMs) return false;
  try {
    const { state, submittedAt, startedAt } = await handle.status();
    return state === 'running' && startedAt !== undefined && startedAt - (submittedAt ?? 0) < promptMs;
  } catch {
    return false; // then it counts as a fault
  }
}

/** Beside the waiting for the result, which it ends early. What cannot be found out changes nothing. */
function leaveHopelessQueue(leftMs: number, admission: Admission, stop: AbortController): void {
  const leave = (isAdmitted: boolean): void => {
    if (!isAdmitted) stop.abort(backlogRefusal());
  };
  admission.admits(leftMs).then(leave, () => {});
}

/** The client has been answered, or is gone. Never rejects. */
async function cancel(client: Client, id: string, submitting: Promise<unknown>): Promise<void> {
  await submitting.catch(() => {});
  await client
    .job(id)
    .cancel()
    .catch(() => {});
}

async function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
