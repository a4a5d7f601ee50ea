import { randomBytes } from 'node:crypto';
import type { Client } from '@bullpen/client';
import { setTimeout as delay } from 'node:timers/promises';
import type { Catalog } from '@bullpen/profiles';
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
  /** When it rejects, what was begun is closed and the start rejects likewise. */
  readonly catalog?: Promise<Catalog>;
  /** A queue of our own, so that a shared Redis's other workers do not take our jobs. */
  readonly ownQueue: boolean;
  readonly logLevel: string;
  /** How long a worker may take to come up before it counts as lost; 30 s unless said. */
  readonly readyDeadlineMs?: number;
  readonly log: 'inherit' | ((line: string) => void);
}

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
  const loading = loadClient(options.catalog);
  loading.catch(() => {}); // heard of below, unless something else fails before
  try {
    const identity = chooseWorkerIdentity();
    if (options.redis === null) {
      embedded = launchEmbeddedRedis({ program: findRedisServer(config.searchPath, checkout), owner: identity });
    }
    const redis = embedded?.socket ?? options.redis ?? '';
    const settings = renderSettings(options, { redis, queue, identity });
    for (let index = 0; index < options.workers; index += 1) {
      workers.push(startWorkerProcess({ settings, environment: config.environment, log: options.log }));
    }
    // Redis comes up while the workers are loading, and they while this process is.
    const { createClient, watchParts, catalog } = await loading;
    await embedded?.ready;
    if (isInterrupted) return await never;
    client = createClient({ connection: redis, queue, catalog });
    const workerUid = embedded === null ? null : (identity?.uid ?? null);
    forget();
    return {
      redis,
      workerUid,
      client,
      workers,
      lost: watchParts(workers, embedded, options.readyDeadlineMs),
      close,
      kill,
    };
  } catch (error) {
    if (isInterrupted) return never;
    await close(0);
    forget();
    throw error;
  }
}

/** What takes longer to load than everything else here, so that it comes after the first processes were started. */
async function loadClient(catalog: Promise<Catalog> | undefined) {
  const [{ createClient }, { watchParts }, known] = await Promise.all([
    import('@bullpen/client'),
    import('./watch-parts.ts'),
    catalog ?? import('@bullpen/profiles').then(({ createCatalog }) => createCatalog()),
  ]);
  return { createClient, watchParts, catalog: known };
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
