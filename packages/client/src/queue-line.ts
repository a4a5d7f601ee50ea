import { isJobId } from '@bullpen/protocol';
import type { ChainableCommander } from 'ioredis';
import type { ProducerConnection } from './connection.ts';
import { queuePriority } from './priority.ts';

/** How much of a fleet's queue is still to be done. */
export interface Backlog {
  /** Jobs that no worker has yet, those between two attempts included. */
  readonly waiting: number;
  /** Those of them that would be taken before an interactive job that is submitted now: batch jobs that have not waited long are not. */
  readonly ahead: number;
  /** Jobs that workers have. */
  readonly running: number;
}

/** Where one job stands. */
export interface QueuePlace {
  /** Counts from 1; null for a job that does not wait, or whose next attempt is not due yet. */
  readonly position: number | null;
  /** Milliseconds since the epoch by the producer's clock; null when the queue keeps no record of the job. */
  readonly submittedAt: number | null;
  /** When a worker last took it, and when it failed or completed; null for what did not happen. */
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
}

/** Reads the queue's own lists without BullMQ, which asks for them one by one. `base` is the prefix of the queue's keys. */
export interface QueueLine {
  backlog(): Promise<Backlog>;
  place(id: string): Promise<QueuePlace>;
}

const nowhere: QueuePlace = { position: null, submittedAt: null, startedAt: null, finishedAt: null };

/** BullMQ's score of a waiting job is its priority times this, and a count of jobs. */
const priorityStep = 2 ** 32;

/**
 * Every job of ours has a priority and waits in `prioritized`, of which the smallest is taken first; jobs without one wait in `wait` and are
 * taken before all others. `paused` holds them while somebody has paused the queue.
 */
export function openQueueLine({ redis }: Pick<ProducerConnection, 'redis'>, base: string): QueueLine {
  // Sent in one breath: one round trip.
  return {
    async backlog() {
      const newest = queuePriority('interactive', Date.now());
      // Gateways ask several times a second: one write, where single commands would be six.
      const counting = redis
        .pipeline()
        .llen(`${base}:wait`)
        .llen(`${base}:paused`)
        .zcard(`${base}:prioritized`)
        .zcount(`${base}:prioritized`, '-inf', `(${(newest + 1) * priorityStep}`)
        .zcard(`${base}:delayed`)
        .llen(`${base}:active`);
      const [waiting = 0, paused = 0, prioritized = 0, before = 0, delayed = 0, running = 0] = await count(counting);
      const first = waiting + paused;
      return { waiting: first + prioritized + delayed, ahead: first + before, running };
    },
    async place(id) {
      // What stands at another name is no job's record.
      if (!isJobId(id)) return nowhere;
      const [rank, ahead, [submittedAt, startedAt, finishedAt]] = await Promise.all([
        redis.zrank(`${base}:prioritized`, id),
        redis.llen(`${base}:wait`),
        redis.hmget(`${base}:${id}`, 'timestamp', 'processedOn', 'finishedOn'),
      ]);
      return {
        position: rank === null ? null : ahead + rank + 1,
        submittedAt: readTime(submittedAt),
        startedAt: readTime(startedAt),
        finishedAt: readTime(finishedAt),
      };
    },
  };
}

/** Throws the first error among the answers. */
async function count(commands: ChainableCommander): Promise<readonly number[]> {
  const answers = (await commands.exec()) ?? [];
  return answers.map(([error, value]) => {
    if (error !== null) throw error;
    return value as number;
  });
}

function readTime(text: string | null | undefined): number | null {
  const time = Number.parseInt(text ?? '', 10);
  return Number.isNaN(time) ? null : time;
}
