import { randomBytes } from 'node:crypto';
import type { Client } from '@bullpen/client';
import { setTimeout as delay } from 'node:timers/promises';
import { type Catalog, createCatalog } from '@bullpen/profiles';
import { BullpenError } from '@bullpen/protocol';
import type { CliConfig } from '../config.ts';
import { exitCodes } from '../exit-code.ts';
import { never, onInterrupt } from '../on-interrupt.ts';
import { checkout } from './checkout.ts';
import { chooseWorkerIdentity } from './choose-worker-identity.ts';
import { type EmbeddedRedis, launchEmbeddedRedis } from './embedded-redis.ts';
import { findRedisServer } from './find-redis-server.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';

/** A Redis, some workers and a client, all on this machine and all ours. */
export interface Fleet {
  /** URL or socket path. */
  readonly redis: string;
  /** The user that a worker must be to reach the private Redis; null when there is none, or it is our own user. */
  readonly workerUid: number | null;
  readonly client: Client;
  readonly workers: readonly WorkerProcess[];
  /** Rejects when a worker or the private Redis ends on its own: nobody would run the jobs. Never resolves. */
  readonly lost: Promise<never>;
  /** Closes everything in reverse order. Closing twice is fine. */
  close(graceMs: number): Promise<void>;
  /** Kills everything without waiting, for a process that exits right after. */
  kill(): void;
}

export interface FleetOptions {
  readonly config: CliConfig;
  readonly workers: number;
  readonly slots: number;
  /** Redis to use; without it a private one is started. */
  readonly redis: string | null;
  /** The operator's profiles: the file for the workers, and what is in it for the client. */
  readonly profilesFile?: string | undefined;
  readonly catalog?: Catalog;
  /** A queue of our own, so that a shared Redis's other workers do not take our jobs. */
  readonly ownQueue: boolean;
  readonly logLevel: string;
  readonly log: 'inherit' | ((line: string) => void);
}

/** Far above what a worker needs to start on a busy machine. */
const readyDeadlineMs = 30_000;

/** For what is closed before its start is over; a worker that is starting ends at once. */
const interruptGraceMs = 2000;
/** A client waits for its Redis, which may have gone. */
const clientCloseMs = 2000;

/**
 * Starts a fleet. Rejects with a sentence when there is no Redis; a worker that does not come up shows in `lost`. A signal meanwhile ends what
 * was begun and this process.
 */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { config } = options;
  const queue = options.ownQueue ? `own-${randomBytes(6).toString('hex')}` : 'bullpen';
  const workers: WorkerProcess[] = [];
  let embedded: EmbeddedRedis | null = null;
  let client: Client | null = null;
  let closing: Promise<void> | null = null;

  async function closeAll(graceMs: number): Promise<void> {
    if (client !== null) await within(clientCloseMs, client.close());
    await Promise.all(workers.map((worker) => worker.close(graceMs)));
    if (embedded === null && options.ownQueue && options.redis !== null) await forgetQueue(options.redis, queue);
    await embedded?.close();
  }
  function close(graceMs: number): Promise<void> {
    closing ??= closeAll(graceMs);
    return closing;
  }
  function kill(): void {
    for (const worker of workers) worker.kill();
    embedded?.kill();
  }

  let isInterrupted = false;
  const forget = onInterrupt({
    first() {
      isInterrupted = true;
      void close(interruptGraceMs).finally(() => process.exit(exitCodes.cancelled));
    },
    second: kill,
  });
  try {
    const identity = chooseWorkerIdentity();
    if (options.redis === null) {
      embedded = launchEmbeddedRedis({ program: findRedisServer(config.searchPath, checkout), owner: identity });
      await embedded.ready;
      if (isInterrupted) return await never;
    }
    const redis = embedded?.socket ?? options.redis ?? '';
    const settings = renderSettings(options, { redis, queue, identity });
    for (let index = 0; index < options.workers; index += 1) {
      workers.push(startWorkerProcess({ settings, environment: config.environment, log: options.log }));
    }
    // Loaded while the workers start: it takes longer than everything else here together.
    const { createClient } = await import('@bullpen/client');
    if (isInterrupted) return await never;
    client = createClient({ connection: redis, queue, catalog: options.catalog ?? createCatalog() });
    const workerUid = embedded === null ? null : (identity?.uid ?? null);
    forget();
    return { redis, workerUid, client, workers, lost: watchParts(workers, embedded), close, kill };
  } catch (error) {
    if (isInterrupted) return never;
    await close(0);
    forget();
    throw error;
  }
}

async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  const timer = new AbortController();
  await Promise.race([work, delay(milliseconds, undefined, { signal: timer.signal })]).catch(() => {});
  timer.abort();
}

interface Place {
  readonly redis: string;
  readonly queue: string;
  readonly identity: { readonly uid: number } | null;
}

function renderSettings(options: FleetOptions, { redis, queue, identity }: Place): Record<string, string> {
  return {
    BULLPEN_REDIS: redis,
    BULLPEN_QUEUE: queue,
    BULLPEN_SLOTS: String(options.slots),
    BULLPEN_LOG_LEVEL: options.logLevel,
    // Only our own Redis must be theirs; for another one, the operator's setting or the worker's own choice counts.
    ...(identity === null || options.redis !== null ? {} : { BULLPEN_WORKER_UID: String(identity.uid) }),
    ...(options.profilesFile === undefined ? {} : { BULLPEN_PROFILES_FILE: options.profilesFile }),
  };
}

async function forgetQueue(redis: string, queue: string): Promise<void> {
  const { deleteQueueKeys } = await import('./delete-queue-keys.ts');
  const { defaultFleetNames } = await import('@bullpen/protocol');
  await deleteQueueKeys(redis, `${defaultFleetNames.prefix}:${queue}`);
}

/** Rejects when the first part ends or does not come up. Whoever races against it hears of it; nobody else needs to. */
function watchParts(workers: readonly WorkerProcess[], embedded: EmbeddedRedis | null): Promise<never> {
  const redis = embedded === null ? [] : [loseRedis(embedded)];
  const lost = Promise.race([...redis, ...workers.flatMap((worker) => [loseWorker(worker), missWorker(worker)])]);
  lost.catch(() => {});
  return lost;
}

async function loseRedis(embedded: EmbeddedRedis): Promise<never> {
  await embedded.ended;
  throw new BullpenError('redis-unavailable', 'The private Redis has ended, and its jobs with it: start again.');
}

async function loseWorker(worker: WorkerProcess): Promise<never> {
  const ending = await worker.ended;
  const why = worker.lastTroubles().at(-1) ?? ending.failure ?? 'it exited with 0';
  throw new BullpenError('worker-lost', `The worker ended before its jobs did: ${why}`);
}

/** A worker that cannot reach its Redis tries for ever; whoever waits for a job of it should not. */
async function missWorker(worker: WorkerProcess): Promise<never> {
  const isLate = await Promise.race([worker.ready.then(() => false), delay(readyDeadlineMs, true, { ref: false })]);
  if (!isLate) return new Promise(() => {});
  const why = worker.lastTroubles().at(-1) ?? 'it does not say why';
  throw new BullpenError('worker-lost', `The worker takes no jobs after ${readyDeadlineMs / 1000} s: ${why}`);
}
