import { setTimeout as delay } from 'node:timers/promises';
import type { Closers } from './closers.ts';
import type { RunningJobs } from './job/running-jobs.ts';
import type { Logger } from './log.ts';
import type { QueueDoor } from './queue-door.ts';
import type { StopReason } from './stop-reason.ts';
import type { StateHolder } from './worker-state.ts';

export interface StopParts {
  readonly door: Pick<QueueDoor, 'pause' | 'close'>;
  readonly running: RunningJobs;
  readonly closers: Closers;
  readonly state: StateHolder;
  readonly logger: Logger;
  readonly graceMs: number;
}

export interface WorkerStop {
  stop(options?: { readonly graceMs?: number }): Promise<void>;
  /** Ends a worker that cannot go on; its jobs are tried elsewhere. */
  fail(error: unknown): void;
  readonly stopped: Promise<void>;
}

/** How long jobs that were told to stop, and then the queue, may take until they are left behind. */
const lastChanceMs = 10_000;

/** The ways in which a worker ends. Everything is closed once, however often it is asked for. */
export function createStop(parts: StopParts): WorkerStop {
  const { door, running, closers, state, logger } = parts;
  const { promise: stopped, resolve, reject } = Promise.withResolvers<void>();
  // Whoever does not look at `stopped` must not be ended by its rejection.
  stopped.catch(() => {});
  const graceOver = new AbortController();
  let stopping: Promise<void> | null = null;

  async function drain(graceMs: number): Promise<void> {
    state.move('draining');
    await door.pause();
    shortenGrace(graceMs);
    const isIdle = await running.idle(graceOver.signal);
    logger.info({ jobsGivenBack: isIdle ? 0 : running.count }, 'worker drained');
    await closeEverything('shutdown');
    state.move('stopped');
    resolve();
  }

  async function closeEverything(reason: StopReason): Promise<void> {
    running.stopAll(reason);
    const isIdle = await running.idle(AbortSignal.timeout(lastChanceMs));
    // Forced, the queue does not wait: what still runs is found by the stalled check of another worker.
    const timer = new AbortController();
    await Promise.race([door.close(!isIdle), delay(lastChanceMs, undefined, { signal: timer.signal }).catch(() => {})]);
    timer.abort();
    await closers.close();
  }

  function shortenGrace(graceMs: number): void {
    setTimeout(() => graceOver.abort(), graceMs).unref();
  }

  return {
    stopped,
    stop(options) {
      const graceMs = options?.graceMs ?? parts.graceMs;
      if (stopping === null) stopping = drain(graceMs).catch((error: unknown) => reject(error));
      else shortenGrace(graceMs);
      return stopped;
    },
    fail(error) {
      if (state.state !== 'ready') return; // the jailer ends in every orderly stop, too
      state.move('failed');
      logger.fatal({ err: error }, 'worker failed');
      stopping = door
        .pause()
        .then(() => closeEverything('jailer-lost'))
        .finally(() => reject(error));
    },
  };
}
