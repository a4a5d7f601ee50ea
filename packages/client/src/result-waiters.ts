import { BullpenError, parseFailedReason, type Result } from '@bullpen/protocol';
import { createExpectedJobs } from './expected-jobs.ts';
import type { QueueEnding, QueueState } from './queue-door.ts';

/** What waiting for results needs to know about jobs. */
export interface ResultSource {
  /** The stored results of these jobs, null where there is none. */
  readResults(ids: readonly string[]): Promise<readonly (Result | null)[]>;
  state(id: string): Promise<QueueState>;
  /** Calls back for every job that ends from now on; resolves when none can be missed any more. */
  listen(onEnding: (id: string, ending: QueueEnding) => void): Promise<{ close(): Promise<void> }>;
}

export interface ResultWaiters {
  /** To be called before jobs are submitted under ids that were never used: waiting for them needs fewer questions. */
  expect(ids: readonly string[]): void;
  /** The job's result, however many ask for it. Rejects with a BullpenError when it failed or its result is gone. */
  wait(id: string, signal: AbortSignal): Promise<Result>;
  /** Rejects everybody who still waits. */
  close(reason: Error): Promise<void>;
}

interface Waiter {
  resolve(result: Result): void;
  reject(error: unknown): void;
}

interface WaitedJob {
  readonly waiters: Set<Waiter>;
  nextCheckAtMs: number;
  /**
   * A job that looks missing may be about to have a result: only a look from this time on counts. It is set by the first such look; and by the
   * removal of a cancelled job, whose result is stored behind it by a Redis that may be slow to write.
   */
  missingCountsAtMs: number | null;
}

/**
 * Events end waits at once; these checks are the backstop for events that never arrived. How a job ended that was not expected may have been told
 * before anybody listened, so it is looked at soon.
 */
const backstop = {
  tickMs: 250,
  firstCheckMs: 250,
  firstCheckOfExpectedMs: 2000,
  laterChecksMs: 5000,
  missingCheckMs: 250,
  cancelledMissingMs: 10_000,
  jobsPerTick: 200,
};

const workersLost = ['job stalled more than allowable limit', 'job started more than allowable limit'];

/** One listener and one backstop timer for all waits of a client, both made with the first wait. */
export function createResultWaiters(source: ResultSource, now: () => number = Date.now): ResultWaiters {
  const jobs = new Map<string, WaitedJob>();
  const expected = createExpectedJobs();
  let listening: Promise<{ close(): Promise<void> }> | null = null;
  let hears = false;
  let timer: NodeJS.Timeout | null = null;
  let closed: Error | null = null;

  function settle(id: string, act: (waiter: Waiter) => void): void {
    const job = jobs.get(id);
    jobs.delete(id);
    for (const waiter of job?.waiters ?? []) act(waiter);
  }

  function onEnding(id: string, ending: QueueEnding): void {
    expected.drop(id);
    const job = jobs.get(id);
    if (job === undefined) return;
    if (ending.kind === 'failed') {
      settle(id, (waiter) => waiter.reject(readFailure(id, ending.reason)));
      return;
    }
    if (ending.kind === 'removed') job.missingCountsAtMs = now() + backstop.cancelledMissingMs;
    job.nextCheckAtMs = Math.min(job.nextCheckAtMs, now() + backstop.firstCheckMs);
    checkSoon([id]);
  }

  /** Failed checks (Redis away) are repeated by the backstop. */
  function checkSoon(ids: readonly string[]): void {
    check(ids).catch(() => {});
  }

  async function check(ids: readonly string[]): Promise<void> {
    const others = await settleStored(ids);
    await Promise.all(others.map(checkState));
  }

  /** Ends the waits for results that are stored; returns the other ids. */
  async function settleStored(ids: readonly string[]): Promise<readonly string[]> {
    const results = await source.readResults(ids);
    return ids.filter((id, index) => {
      const result = results[index];
      if (result === null || result === undefined) return true;
      settle(id, (waiter) => waiter.resolve(result));
      return false;
    });
  }

  async function checkState(id: string): Promise<void> {
    const state = await source.state(id);
    const job = jobs.get(id);
    if (job === undefined) return;
    if (state.kind === 'failed') settle(id, (waiter) => waiter.reject(readFailure(id, state.reason)));
    if (state.kind !== 'completed' && state.kind !== 'missing') return;
    job.missingCountsAtMs ??= now() + backstop.missingCheckMs;
    if (now() >= job.missingCountsAtMs) settle(id, (waiter) => waiter.reject(resultMissing(id)));
    job.nextCheckAtMs = now() + backstop.missingCheckMs;
  }

  function tick(): void {
    const due = [...jobs].filter(([, job]) => job.nextCheckAtMs <= now()).slice(0, backstop.jobsPerTick);
    for (const [, job] of due) job.nextCheckAtMs = now() + backstop.laterChecksMs;
    if (due.length > 0) checkSoon(due.map(([id]) => id));
    if (jobs.size === 0) stopTimer();
  }

  function startTimer(): void {
    timer ??= setInterval(tick, backstop.tickMs);
  }

  function stopTimer(): void {
    if (timer !== null) clearInterval(timer);
    timer = null;
  }

  function startListening(): Promise<unknown> {
    listening ??= listen().catch((error: unknown) => {
      listening = null;
      throw error;
    });
    return listening;
  }

  async function listen(): Promise<{ close(): Promise<void> }> {
    const listener = await source.listen(onEnding);
    hears = true;
    return listener;
  }

  function enter(id: string, waiter: Waiter): void {
    const firstCheckMs = expected.has(id) ? backstop.firstCheckOfExpectedMs : backstop.firstCheckMs;
    const job = jobs.get(id) ?? {
      waiters: new Set(),
      nextCheckAtMs: now() + firstCheckMs,
      missingCountsAtMs: null,
    };
    job.waiters.add(waiter);
    jobs.set(id, job);
  }

  function leave(id: string, waiter: Waiter): void {
    const job = jobs.get(id);
    job?.waiters.delete(waiter);
    if (job?.waiters.size === 0) jobs.delete(id);
  }

  return {
    expect(ids) {
      if (hears) expected.add(ids);
    },
    async wait(id, signal) {
      signal.throwIfAborted();
      if (closed !== null) throw closed;
      await startListening();
      signal.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<Result>();
      const waiter: Waiter = { resolve, reject };
      const onAbort = (): void => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      enter(id, waiter);
      startTimer();
      if (!expected.has(id)) settleStored([id]).catch(() => {});
      try {
        return await promise;
      } finally {
        signal.removeEventListener('abort', onAbort);
        leave(id, waiter);
      }
    },
    async close(reason) {
      closed = reason;
      stopTimer();
      for (const id of jobs.keys()) settle(id, (waiter) => waiter.reject(reason));
      const listener = await listening?.catch(() => null);
      await listener?.close();
    },
  };
}

/** The queue's own words for a job whose workers vanished become our code; ours are read back. */
function readFailure(id: string, reason: string): BullpenError {
  if (workersLost.includes(reason)) {
    return new BullpenError(
      'worker-lost',
      `Workers were lost again and again while they ran job ${id}: look at their logs, then submit it under a new id.`,
    );
  }
  return parseFailedReason(reason);
}

function resultMissing(id: string): BullpenError {
  return new BullpenError(
    'result-missing',
    `There is no result of job ${id}: it was never submitted, its result is older than the workers keep results, or this client cannot read it.`,
  );
}
