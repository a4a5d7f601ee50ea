import { randomBytes } from 'node:crypto';
import type { Client } from '@bullpen/client';
import type { Catalog } from '@bullpen/profiles';
import { BullpenError } from '@bullpen/protocol';
import type { CliConfig } from '../config.ts';
import { checkout } from './checkout.ts';
import { chooseWorkerIdentity } from './choose-worker-identity.ts';
import { type EmbeddedRedis, startEmbeddedRedis } from './embedded-redis.ts';
import { findRedisServer } from './find-redis-server.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';

/** A Redis, some workers and a client, all on this machine and all ours. */
export interface Fleet {
  /** URL or socket path. */
  readonly redis: string;
  readonly client: Client;
  readonly workers: readonly WorkerProcess[];
  /** Rejects when a worker ends on its own: nobody would run the jobs. Never resolves. */
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

/** Starts a fleet. Rejects with a sentence when there is no Redis; a worker that does not come up shows in `lost`. */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { config } = options;
  const identity = chooseWorkerIdentity();
  const embedded = options.redis === null ? await startPrivateRedis(config, identity) : null;
  const redis = embedded?.socket ?? options.redis ?? '';
  const queue = options.ownQueue ? `own-${randomBytes(6).toString('hex')}` : 'bullpen';
  const settings = {
    BULLPEN_REDIS: redis,
    BULLPEN_QUEUE: queue,
    BULLPEN_SLOTS: String(options.slots),
    BULLPEN_LOG_LEVEL: options.logLevel,
    ...(identity === null ? {} : { BULLPEN_WORKER_UID: String(identity.uid) }),
    ...(options.profilesFile === undefined ? {} : { BULLPEN_PROFILES_FILE: options.profilesFile }),
  };
  const workers = Array.from({ length: options.workers }, () =>
    startWorkerProcess({ settings, environment: config.environment, log: options.log }),
  );
  // Loaded while the worker starts: it takes longer than everything else here together.
  const { createClient } = await import('@bullpen/client');
  const client = createClient({
    connection: redis,
    queue,
    ...(options.catalog === undefined ? {} : { catalog: options.catalog }),
  });
  let closing: Promise<void> | null = null;
  async function closeAll(graceMs: number): Promise<void> {
    await client.close();
    await Promise.all(workers.map((worker) => worker.close(graceMs)));
    await embedded?.close();
  }
  const lost = watchWorkers(workers);
  // Whoever races against it hears of it; nobody else needs to.
  lost.catch(() => {});
  return {
    redis,
    client,
    workers,
    lost,
    close(graceMs) {
      closing ??= closeAll(graceMs);
      return closing;
    },
    kill() {
      for (const worker of workers) worker.kill();
      embedded?.kill();
    },
  };
}

function startPrivateRedis(config: CliConfig, owner: { uid: number; gid: number } | null): Promise<EmbeddedRedis> {
  return startEmbeddedRedis({ program: findRedisServer(config.searchPath, checkout), owner });
}

async function watchWorkers(workers: readonly WorkerProcess[]): Promise<never> {
  const [ending, worker] = await Promise.race(
    workers.map((worker) => worker.ended.then((ending) => [ending, worker] as const)),
  );
  const why = worker.lastTroubles().at(-1) ?? ending.failure ?? 'it exited with 0';
  throw new BullpenError('worker-lost', `The worker ended before its jobs did: ${why}`);
}
