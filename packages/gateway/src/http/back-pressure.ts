import type { Backlog } from '@bullpen/client';
import { BullpenError } from '@bullpen/protocol';
import type { MiddlewareHandler } from 'hono';
import type { GatewayEnvironment } from './environment.ts';
import { Problem } from './problem.ts';

export interface BackPressureOptions {
  readBacklog(): Promise<Backlog>;
  /** Beyond so many waiting jobs, no more are taken. */
  readonly backlogMax: number;
  readonly now?: () => number;
  /** How long Redis may take to say it; a silent one must not hold requests. */
  readonly deadlineMs?: number;
}

/** Refuses new jobs while too many wait. */
export interface BackPressure {
  /** Throws a Problem `overloaded`, or BullpenError `redis-unavailable`. */
  admit(): Promise<void>;
  /** Asks Redis unless it was asked just now. Throws BullpenError `redis-unavailable`. */
  look(): Promise<void>;
  /** Jobs that waited when Redis was last asked, and those admitted since. */
  readonly waiting: number;
  /** Jobs that ran when Redis was last asked. */
  readonly running: number;
}

/** What Redis said holds so long: one question for all requests of that time. */
const freshMs = 200;
const defaultDeadlineMs = 2000;

export function createBackPressure(options: BackPressureOptions): BackPressure {
  const { readBacklog, backlogMax, now = () => performance.now(), deadlineMs = defaultDeadlineMs } = options;
  let last: Backlog = { waiting: 0, ahead: 0, running: 0 };
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let admitted = 0;
  let asking: Promise<void> | null = null;
  let failure: Error | null = null;

  async function ask(): Promise<void> {
    try {
      last = await within(deadlineMs, readBacklog());
      failure = null;
      admitted = 0;
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
    }
    askedAtMs = now();
    asking = null;
  }

  async function look(): Promise<void> {
    if (now() - askedAtMs > freshMs) await (asking ??= ask());
    if (failure !== null) throw failure;
  }

  return {
    look,
    async admit() {
      await look();
      if (last.waiting + admitted >= backlogMax) {
        throw new Problem(
          'overloaded',
          `${last.waiting + admitted} jobs wait, and no more than ${backlogMax} are taken: try again.`,
        );
      }
      admitted += 1;
    },
    get waiting() {
      return last.waiting + admitted;
    },
    get running() {
      return last.running;
    },
  };
}

async function within<Value>(milliseconds: number, work: Promise<Value>): Promise<Value> {
  const { promise: silence, reject } = Promise.withResolvers<never>();
  const giveUp = (): void =>
    reject(new BullpenError('redis-unavailable', `Redis was silent for ${milliseconds} ms: try again.`));
  // It may have been this process that was busy: what has arrived meanwhile is read first.
  const timer = setTimeout(() => setImmediate(giveUp), milliseconds);
  try {
    return await Promise.race([work, silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** The same for the routes of a door, before a body is received. */
export function holdBack(pressure: BackPressure): MiddlewareHandler<GatewayEnvironment> {
  return async (c, next) => {
    if (c.req.method === 'POST') await pressure.admit();
    return next();
  };
}
