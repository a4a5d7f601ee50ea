import type { Client, JobHandle, JobToSubmit } from '@bullpen/client';
import { BullpenError, type Result } from '@bullpen/protocol';

export interface RunOptions {
  /** How long the job may wait for a worker, in milliseconds. */
  readonly queueWaitMs: number;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
}

/** Between looks at a job that should have been taken already. */
const lookEveryMs = 1000;
/** Beyond what its commands may take, a job may need this long to be made, tried again and told. */
const marginMs = 60_000;
/** Nobody but this request reads the result. */
const resultTtlMs = 60_000;
/** A job outlives a gateway that died by so much at most. */
const orphanMs = 60_000;

/**
 * Submits a job and waits for its result. Whoever stops waiting cancels it. Throws BullpenError, `expired` when no worker took it in time and
 * `jail-failed` when its result is doubtful; and the signal's reason.
 */
export async function runJob(client: Client, job: JobToSubmit, options: RunOptions): Promise<Result> {
  const { queueWaitMs, signal } = options;
  signal?.throwIfAborted();
  const expiresAt = new Date(Date.now() + queueWaitMs + orphanMs).toISOString();
  // An id that it has already was made for it alone, at random.
  const handle = await client.submit({ ...job, expiresAt, resultTtlMs }, { isNewId: true });
  const overdue = new AbortController();
  const watch = watchQueue(handle, { queueWaitMs, longestMs: queueWaitMs + wallTimeMs(job) + marginMs }, overdue);
  try {
    const signals = signal === undefined ? [overdue.signal] : [overdue.signal, signal];
    return refuseDoubtful(await handle.result({ signal: AbortSignal.any(signals) }));
  } catch (error) {
    // Nobody reads the result of what is cancelled, so a Redis that is away just now changes nothing for the caller.
    if (overdue.signal.aborted || signal?.aborted === true) await handle.cancel().catch(() => {});
    throw error;
  } finally {
    watch.stop();
  }
}

/** A client of codebox could not see the doubt, and would take the answer for a good one. */
function refuseDoubtful(result: Result): Result {
  if (result.doubtful === undefined) return result;
  throw new BullpenError('jail-failed', 'What confined the commands may not have held: send the request again.');
}

function wallTimeMs({ commands }: JobToSubmit): number {
  let sum = 0;
  for (const { limits } of commands) sum += limits?.wallTimeMs ?? 0;
  return sum;
}

/** Aborts `overdue` when the job still waits after its time in the queue, or is not there after the longest time that it can take. */
function watchQueue(
  handle: JobHandle,
  { queueWaitMs, longestMs }: { readonly queueWaitMs: number; readonly longestMs: number },
  overdue: AbortController,
): { stop(): void } {
  const beganAtMs = performance.now();
  let timer = setTimeout(() => void look(), queueWaitMs);
  let isStopped = false;

  async function look(): Promise<void> {
    const waits = await isWaiting(handle);
    if (isStopped) return;
    const waitedMs = Math.round(performance.now() - beganAtMs);
    if (waits) overdue.abort(tooBusy(queueWaitMs));
    else if (waitedMs > longestMs) overdue.abort(tooLong(waitedMs));
    else timer = setTimeout(() => void look(), lookEveryMs);
  }

  return {
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

/** A look that fails is no news: the job may run well while Redis is away, and the next look tells. */
async function isWaiting(handle: JobHandle): Promise<boolean> {
  try {
    return (await handle.state()) === 'waiting';
  } catch {
    return false;
  }
}

function tooBusy(queueWaitMs: number): BullpenError {
  return new BullpenError('expired', `No worker was free within ${queueWaitMs} ms: try again later, or add workers.`);
}

function tooLong(waitedMs: number): BullpenError {
  return new BullpenError('internal', `The commands had no result after ${waitedMs} ms: try again.`);
}
