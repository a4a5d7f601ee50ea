import type { Backlog } from '@bullpen/client';
import { BullpenError, type Job } from '@bullpen/protocol';
import type { MiddlewareHandler } from 'hono';
import type { GatewayEnvironment } from './environment.ts';
import { Problem } from './problem.ts';

export interface BackPressureOptions {
  readBacklog(): Promise<Backlog>;
  /** A job before which so many wait is not taken. */
  readonly backlogMax: number;
  readonly now?: () => number;
  /** How long Redis may take to say it; a silent one must not hold requests. */
  readonly deadlineMs?: number;
}

type Priority = Job['priority'];

/** Refuses new jobs while too many wait. */
export interface BackPressure {
  /** Counts only what is before a job of this priority. Throws a Problem `overloaded`, or BullpenError `redis-unavailable`. */
  admit(priority: Priority): Promise<void>;
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
  /** Since Redis was last asked. */
  const admitted = { interactive: 0, batch: 0 };
  let asking: Promise<void> | null = null;
  let failure: Error | null = null;

  async function ask(): Promise<void> {
    try {
      last = await within(deadlineMs, readBacklog());
      failure = null;
      admitted.interactive = 0;
      admitted.batch = 0;
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

  const all = (): number => last.waiting + admitted.interactive + admitted.batch;

  return {
    look,
    async admit(priority) {
      await look();
      const before = priority === 'interactive' ? last.ahead + admitted.interactive : all();
      if (before >= backlogMax) {
        const sentence = `${before} jobs wait before this one, and no more than ${backlogMax} may: try again.`;
        throw new Problem('overloaded', sentence);
      }
      admitted[priority] += 1;
    },
    get waiting() {
      return all();
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

/** The same for the routes of a door whose jobs are interactive, before a body is received. */
export function holdBack(pressure: BackPressure): MiddlewareHandler<GatewayEnvironment> {
  return async (c, next) => {
    if (c.req.method === 'POST') await pressure.admit('interactive');
    return next();
  };
}
