import { BullpenError, type JobState, type Result } from '@bullpen/protocol';
import { followOutput } from './output/follow-output.ts';
import type { OutputFeed } from './output/output-feed.ts';
import type { OutputItem } from './output/output-item.ts';
import type { QueueState } from './queue-door.ts';
import type { QueuePlace } from './queue-line.ts';

/** Where a job is now. */
export interface JobStatus {
  readonly state: JobState;
  /** Of a waiting job that a worker may take: how many are taken until it is its turn, itself included. */
  readonly position?: number;
  /** When it was submitted, in milliseconds since the epoch by the producer's clock; null when nothing is kept of it. */
  readonly submittedAt: number | null;
  /** When a worker took it for the attempt that counts, and when it ended, where that is known: milliseconds since the epoch. */
  readonly startedAt?: number;
  readonly finishedAt?: number;
}

/** One submitted job. Handles are cheap, hold nothing open, and any process may have one for the same job. */
export interface JobHandle {
  readonly id: string;
  /**
   * Waits for the job's result; what its programs did, good or bad, is in there. `doubtful` says that a probe of the worker failed after it was
   * published; asking again later may tell more. Rejects with a BullpenError when Bullpen refused or failed
   * the job, when Redis is away (`redis-unavailable`), or when the result is gone (`result-missing`); with a TimeoutError after `timeoutMs`
   * (1 or more; waits for ever unless given); with the reason of `signal` when that is aborted. The job itself goes on in the last two cases.
   */
  result(options?: WaitOptions): Promise<Result>;
  /**
   * Follows what the job's programs write: each stream in order, while they run, and all of it, in the end, that the result keeps. A job that
   * waits is waited for; one that has ended yields at once. Ends when the job has ended; rejects as `result` does. Following begins with the first
   * `next`, and ends with `return` (`break`), which nobody has to wait for, or `signal`. A follower who is slow costs about 2 MiB while the job
   * runs: what does not fit comes late, from the result at the latest. A Redis that is away for a while costs nothing but time.
   * The last `next`, after which there is no more output, has the result as its value; undefined for who has left.
   */
  output(options?: WaitOptions): AsyncIterableIterator<OutputItem, Result | undefined, undefined>;
  /** The job's result if it is there already, else null. Throws BullpenError `redis-unavailable`. */
  peek(): Promise<Result | null>;
  /**
   * Asks that the job does not run, or no longer: it ends with a result whose state is `cancelled`. Resolves with false when it had already
   * ended or was never submitted. Throws BullpenError `redis-unavailable`.
   */
  cancel(): Promise<boolean>;
  /** Where the job is now. Throws BullpenError `redis-unavailable`. */
  state(): Promise<JobState>;
  /** The same with its place in the queue. Throws BullpenError `redis-unavailable`. */
  status(): Promise<JobStatus>;
}

export interface WaitOptions {
  /** How long to wait for the result, in milliseconds, 1 or more; for ever unless given. Then a TimeoutError is thrown. */
  readonly timeoutMs?: number;
  /** Ends the waiting, with its reason. */
  readonly signal?: AbortSignal;
}

/** What a handle needs of its client. */
export interface JobHandleContext {
  wait(id: string, signal: AbortSignal): Promise<Result>;
  cancel(id: string): Promise<boolean>;
  queueState(id: string): Promise<QueueState>;
  place(id: string): Promise<QueuePlace>;
  readResult(id: string): Promise<Result | null>;
  follow: OutputFeed['follow'];
  /** Lets followers of one job hold one copy of its result. */
  share(result: Result): Result;
}

export function makeJobHandle(context: JobHandleContext, id: string): JobHandle {
  return {
    id,
    result: (options = {}) => waitForResult(context, id, options),
    output: (options = {}) => followJob(context, id, options),
    peek: () => context.readResult(id),
    cancel: () => context.cancel(id),
    state: async () => (await readStatus(context, id)).state,
    status: () => readStatus(context, id),
  };
}

async function waitForResult(
  context: JobHandleContext,
  id: string,
  { timeoutMs, signal }: WaitOptions,
): Promise<Result> {
  const timer = new AbortController();
  const timeout =
    timeoutMs === undefined ? null : setTimeout(() => timer.abort(timeoutError(id, timeoutMs)), timeoutMs);
  try {
    return await context.wait(id, signal === undefined ? timer.signal : AbortSignal.any([signal, timer.signal]));
  } finally {
    if (timeout !== null) clearTimeout(timeout);
  }
}

function followJob(context: JobHandleContext, id: string, options: WaitOptions) {
  const { signal } = options;
  return followOutput({
    async readResult() {
      const result = await context.readResult(id);
      return result === null ? null : context.share(result);
    },
    async wait(stop) {
      const either = signal === undefined ? stop : AbortSignal.any([signal, stop]);
      return context.share(await waitForResult(context, id, { ...options, signal: either }));
    },
    follow: (onMessage) => context.follow(id, onMessage),
    signal,
  });
}

function timeoutError(id: string, timeoutMs: number): DOMException {
  return new DOMException(`Job ${id} has no result after ${timeoutMs} ms: wait longer, or cancel it.`, 'TimeoutError');
}

async function readStatus(context: JobHandleContext, id: string): Promise<JobStatus> {
  const [result, { kind }, { position, submittedAt, startedAt, finishedAt }] = await Promise.all([
    context.readResult(id),
    context.queueState(id),
    context.place(id),
  ]);
  if (result !== null) {
    const { state, submittedAt: since, startedAt: taken, finishedAt: ended } = result;
    return { state, submittedAt: since, ...(taken !== null && { startedAt: taken }), finishedAt: ended };
  }
  const state = stateInQueue(kind);
  return {
    state,
    submittedAt,
    ...(state === 'waiting' && position !== null && { position }),
    ...(state !== 'waiting' && startedAt !== null && { startedAt }),
    ...(finishedAt !== null && { finishedAt }),
  };
}

function stateInQueue(kind: QueueState['kind']): JobState {
  switch (kind) {
    case 'completed':
      return 'finished'; // its result is older than results are kept
    case 'missing':
      return 'unknown';
    case 'waiting':
    case 'running':
    case 'failed':
      return kind;
    default:
      throw new BullpenError(
        'internal',
        `The queue has a state that this client does not know: ${String(kind satisfies never)}.`,
      );
  }
}
