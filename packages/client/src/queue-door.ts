import { setTimeout as delay } from 'node:timers/promises';
import { isJobId } from '@bullpen/protocol';
import { Queue, QueueEvents } from 'bullmq';
import type { ProducerConnection } from './connection.ts';

export interface QueueEntry {
  readonly id: string;
  readonly message: unknown;
  readonly priority: number;
  readonly attempts: number;
  readonly submittedAtMs: number;
}

/** What the queue knows of a job. */
export type QueueState =
  | { readonly kind: 'waiting' | 'running' | 'completed' | 'missing' }
  | { readonly kind: 'failed'; readonly reason: string };

/** A job that reached an end, as announced by the queue. */
export type QueueEnding =
  | { readonly kind: 'completed' | 'removed' }
  | { readonly kind: 'failed'; readonly reason: string };

export interface QueueDoor {
  /** Adds jobs in one round trip; an id that the queue knows is left as it is. */
  add(entries: readonly QueueEntry[]): Promise<void>;
  state(id: string): Promise<QueueState>;
  /** What the queue knows of a job's submission; null when it has no such job. */
  find(id: string): Promise<{ readonly message: unknown; readonly submittedAtMs: number } | null>;
  /** Removes a job that no worker holds; false when one does, or when there is no such job. */
  remove(id: string): Promise<boolean>;
  /** Calls `onEnding` for every job of the queue that ends from now on. */
  listen(onEnding: (id: string, ending: QueueEnding) => void): Promise<{ close(): Promise<void> }>;
  close(): Promise<void>;
}

export interface QueueDoorOptions {
  readonly connection: ProducerConnection;
  readonly queue: string;
  readonly prefix: string;
}

/** Events are small (results live in their own keys); this many cover seconds of a busy fleet, and polling covers the rest. */
const eventsKept = 10_000;

/** BullMQ says goodbye to Redis, and would wait for one that has gone for good. */
const goodbyeMs = 1000;

/** The client's one door to BullMQ. */
export function openQueueDoor({ connection, queue: name, prefix }: QueueDoorOptions): QueueDoor {
  const queue = new Queue(name, {
    connection: connection.redis,
    prefix,
    // The version check would send a command before Redis is known to be there, and a Queue whose first command failed never recovers.
    skipVersionCheck: true,
    streams: { events: { maxLen: eventsKept } },
  });
  queue.on('error', ignoreError);

  /** Of the job's record; the whole of it holds the job's files, and BullMQ throws for one that somebody damaged. */
  const readFields = async <Names extends readonly string[]>(id: string, names: Names) => {
    // What stands at another name is no job's record.
    const values = isJobId(id)
      ? await connection.redis.hmget(`${prefix}:${name}:${id}`, ...names)
      : names.map(() => null);
    return values as { [Index in keyof Names]: string | null };
  };

  return {
    async add(entries) {
      const [first] = entries;
      // One job alone needs no transaction around it.
      if (first !== undefined && entries.length === 1) {
        await queue.add('job', first.message, renderOptions(first));
        return;
      }
      await queue.addBulk(entries.map((entry) => ({ name: 'job', data: entry.message, opts: renderOptions(entry) })));
    },
    async state(id) {
      const state = await queue.getJobState(id);
      if (state === 'failed')
        return {
          kind: 'failed',
          reason: (await readFields(id, ['failedReason']))[0] ?? 'internal: The reason is lost.',
        };
      if (state === 'completed') return { kind: 'completed' };
      if (state === 'unknown') return { kind: 'missing' };
      return { kind: state === 'active' ? 'running' : 'waiting' };
    },
    async find(id) {
      const [name, data, timestamp] = await readFields(id, ['name', 'data', 'timestamp']);
      if (name === null && data === null) return null;
      const submittedAtMs = Number.parseInt(timestamp ?? '', 10);
      return { message: readJson(data ?? ''), submittedAtMs: Number.isNaN(submittedAtMs) ? Date.now() : submittedAtMs };
    },
    async remove(id) {
      const [name, data, finishedOn] = await readFields(id, ['name', 'data', 'finishedOn']);
      if ((name === null && data === null) || finishedOn !== null) return false;
      return (await queue.remove(id)) === 1;
    },
    listen: (onEnding) => listen({ connection, queue: name, prefix }, onEnding),
    close: () => queue.close(),
  };
}

function renderOptions(entry: QueueEntry) {
  return {
    jobId: entry.id,
    timestamp: entry.submittedAtMs,
    priority: entry.priority,
    attempts: entry.attempts,
    // Workers know the strategy of this name: exponential, bounded, with jitter.
    backoff: { type: 'bullpen' },
    stackTraceLimit: 1,
  };
}

/** A message of unknown shape is judged by whoever looks for something in it. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function listen(
  options: QueueDoorOptions,
  onEnding: (id: string, ending: QueueEnding) => void,
): Promise<{ close(): Promise<void> }> {
  const { connection, queue, prefix } = options;
  const base = connection.openPatient();
  base.on('error', ignoreError);
  const events = new QueueEvents(queue, {
    connection: base,
    prefix,
    skipVersionCheck: true,
    // Reading starts behind the newest event of now, not of the moment when the new connection is up: none is missed in between.
    lastEventId: await newestEventId(connection, `${prefix}:${queue}:events`),
  });
  events.on('error', ignoreError);
  // BullMQ reads on a duplicate of its own; the connection that it copied is not needed.
  base.disconnect();
  events.on('completed', ({ jobId }) => onEnding(jobId, { kind: 'completed' }));
  events.on('removed', ({ jobId }) => onEnding(jobId, { kind: 'removed' }));
  events.on('failed', ({ jobId, failedReason }) => onEnding(jobId, { kind: 'failed', reason: failedReason }));
  return { close: () => Promise.race([events.close(), delay(goodbyeMs, undefined, { ref: false })]) };
}

async function newestEventId(connection: ProducerConnection, key: string): Promise<string> {
  const newest = await connection.redis.xrevrange(key, '+', '-', 'COUNT', 1);
  return newest[0]?.[0] ?? '0-0';
}

/** Connection errors are told to whoever calls next; here they would only be printed. */
function ignoreError(): void {}
