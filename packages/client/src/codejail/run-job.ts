import type { Result } from '@bullpen/protocol';
import type { JobToSubmit } from '../job-to-submit.ts';
import type { JobHandle } from '../job-handle.ts';

/** How long a call waits for its job. Whoever stops waiting does not want the job any more. */
export interface CallOptions {
  /** Waiting in the queue included; for ever unless given. Then the job is cancelled and the call rejects with a TimeoutError. */
  readonly timeoutMs?: number;
  /** Aborting cancels the job, and the call rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Submits a job and waits for its result; cancels it when the caller stops waiting. */
export async function runJob(
  submit: (job: JobToSubmit) => Promise<JobHandle>,
  job: JobToSubmit,
  { timeoutMs, signal }: CallOptions,
): Promise<Result> {
  signal?.throwIfAborted();
  const handle = await submit(job);
  try {
    return await handle.result({
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    // A Redis that is away cannot be told; the first error says more than that one.
    if (isEndOfWaiting(error, signal)) await handle.cancel().catch(() => false);
    throw error;
  }
}

function isEndOfWaiting(error: unknown, signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true || (error instanceof DOMException && error.name === 'TimeoutError');
}
