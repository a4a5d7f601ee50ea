import { setTimeout as delay } from 'node:timers/promises';
import type { FleetNames } from '@bullpen/protocol';
import type { Gate } from '../health/gate.ts';
import type { Logger } from '../log.ts';
import type { RedisConnection } from './connect.ts';
import { RedisRefusedError, remedyOf } from './redis-refusal.ts';

/** What a worker does while Redis is there and refuses its commands: it waits, and takes no jobs meanwhile. */
export interface Outlasting {
  /**
   * Asks again and again while Redis refuses, with pauses of 50 ms to 1 s. Throws RedisRefusedError when `until` is aborted first, and at once
   * every error that is no refusal.
   */
  insist<Value>(ask: () => Promise<Value>, until: AbortSignal): Promise<Value>;
  /** Whether the error is a refusal: then no jobs are taken until Redis takes writes again. */
  note(error: unknown): boolean;
  close(): void;
}

export interface OutlastOptions {
  readonly redis: RedisConnection;
  readonly names: FleetNames;
  readonly workerId: string;
  readonly gate: Pick<Gate, 'set'>;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
}

const pausesMs = { first: 50, longest: 1000 };
/** Between two lines of log. */
const quietMs = 60_000;

export function outlastRefusals({ redis, names, workerId, gate, logger }: OutlastOptions): Outlasting {
  const closed = new AbortController();
  const tell = createTeller(logger);
  const probeKey = `${names.prefix}:${names.queue}/writable:${workerId}`;
  let waiting = 0;

  /** Whoever waits keeps the worker from taking jobs; who gave up leaves it to a probe to find out when it may again. */
  async function hold<Value>(ask: () => Promise<Value>, refusal: unknown, until: AbortSignal): Promise<Value> {
    waiting += 1;
    gate.set('redis-refuses', true);
    try {
      return await askAgain(ask, refusal, AbortSignal.any([until, closed.signal]));
    } catch (error) {
      if (error instanceof RedisRefusedError && waiting === 1) note(error.cause, 1);
      throw error;
    } finally {
      waiting -= 1;
      if (waiting === 0) {
        if (!closed.signal.aborted) tell.over();
        gate.set('redis-refuses', false);
      }
    }
  }

  async function askAgain<Value>(ask: () => Promise<Value>, first: unknown, until: AbortSignal): Promise<Value> {
    let refusal = first;
    for (let pauseMs = pausesMs.first; ; pauseMs = Math.min(pauseMs * 2, pausesMs.longest)) {
      tell.refused(refusal, waiting);
      await delay(pauseMs, undefined, { signal: until }).catch(() => {});
      if (until.aborted) throw new RedisRefusedError(refusal);
      try {
        return await ask();
      } catch (error) {
        if (remedyOf(error) === null) throw error;
        refusal = error;
      }
    }
  }

  /** Whoever waits already finds out by itself when it is over. */
  function note(error: unknown, leaving = 0): boolean {
    if (remedyOf(error) === null) return false;
    if (waiting === leaving && !closed.signal.aborted) hold(probe, error, closed.signal).catch(() => {});
    return true;
  }

  /** Refused like all that needs memory. */
  const probe = async (): Promise<void> => void (await redis.set(probeKey, '', 'PX', 1000));

  return {
    async insist(ask, until) {
      try {
        return await ask();
      } catch (error) {
        if (remedyOf(error) === null) throw error;
        return hold(ask, error, until);
      }
    },
    note: (error) => note(error),
    close: () => closed.abort(),
  };
}

/** One line when it begins, at most one a minute while it lasts, and one when it is over, unless that was within a minute of the last time. */
function createTeller(logger: OutlastOptions['logger']) {
  let toldAt = -Infinity;
  let isTold = false;
  return {
    refused(error: unknown, waiting: number): void {
      if (performance.now() - toldAt < quietMs) return;
      toldAt = performance.now();
      isTold = true;
      const remedy = remedyOf(error);
      logger.warn(
        { err: error, remedy, waiting },
        'Redis refuses to be written to: no jobs are taken until it is mended',
      );
    },
    over(): void {
      if (isTold) logger.info('Redis can be written to again');
      isTold = false;
    },
  };
}
