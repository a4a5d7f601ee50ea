import { setTimeout as delay } from 'node:timers/promises';
import { BullpenError, explainRedisError } from '@bullpen/protocol';
import { Cluster, type ClusterNode, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';

/**
 * Where Redis is: a URL or the path of a unix socket; ioredis options for a single server or for Sentinel (`sentinels`, `name`);
 * the nodes of a Redis Cluster; or a connection that the caller owns (it is then never closed by the client).
 */
export type ConnectionTarget =
  | string
  | RedisOptions
  | { readonly cluster: readonly ClusterNode[]; readonly options?: ClusterOptions }
  | Redis
  | Cluster;

export interface ProducerConnection {
  readonly redis: Redis | Cluster;
  /** Resolves when commands can be sent. Throws BullpenError `redis-unavailable` when that takes longer than `failFastMs`. */
  usable(): Promise<void>;
  /** A connection of the same kind for reading events, which waits out outages instead of failing fast. */
  openPatient(): Redis | Cluster;
  /** Closes what the client itself opened. */
  close(): Promise<void>;
}

const retryStrategy = (attempt: number): number => Math.min(50 * 2 ** Math.min(attempt, 5), 1000);
/** A producer fails fast: nothing is queued in memory while Redis is away, and a command is sent again at most once. */
const failFast = { maxRetriesPerRequest: 1, enableOfflineQueue: false, retryStrategy, connectTimeout: 2000 };
const patient = { maxRetriesPerRequest: null, enableOfflineQueue: true, lazyConnect: false };

/** Connects in the background; `usable` is what waits. */
export function openConnection(target: ConnectionTarget, failFastMs: number): ProducerConnection {
  const isOwned = !(target instanceof Redis) && !(target instanceof Cluster);
  const redis = isOwned ? connect(target) : target;
  let lastError: Error | null = null;
  let waiting: Promise<boolean> | null = null;
  const noteError = (error: Error): void => void (lastError = error);
  redis.on('error', noteError);
  if (redis.status === 'wait') redis.connect().catch(noteError);

  return {
    redis,
    async usable() {
      if (redis.status === 'ready') return;
      // One wait for all callers: a listener for each would be many on one connection.
      waiting ??= becomesReady(redis, failFastMs).finally(() => (waiting = null));
      if (!(await waiting)) throw unavailable(`did not answer within ${failFastMs} ms`, lastError);
    },
    openPatient: () =>
      redis instanceof Cluster
        ? redis.duplicate(undefined, {
            ...patient,
            redisOptions: { ...redis.options.redisOptions, ...patient },
          } as ClusterConstructorOptions)
        : redis.duplicate(patient),
    async close() {
      redis.off('error', noteError);
      if (!isOwned) return;
      redis.on('error', ignoreError);
      redis.disconnect();
    },
  };
}

/** The sentence for every failure to reach Redis. */
export function unavailable(what: string, cause: unknown): BullpenError {
  const detail = cause instanceof Error ? ` (${explainRedisError(cause)})` : '';
  return new BullpenError(
    'redis-unavailable',
    `Redis ${what}${detail}: check that it runs and that the connection options name it.`,
    { cause },
  );
}

function connect(target: Exclude<ConnectionTarget, Redis | Cluster>): Redis | Cluster {
  if (typeof target === 'string') return new Redis(target, failFast);
  if ('cluster' in target) {
    const { options } = target;
    const redisOptions = { ...options?.redisOptions, maxRetriesPerRequest: 1 };
    const clusterOptions = {
      clusterRetryStrategy: retryStrategy,
      ...options,
      enableOfflineQueue: false,
      redisOptions,
    } as ClusterConstructorOptions;
    return new Cluster([...target.cluster], clusterOptions);
  }
  const options: Record<string, unknown> = { ...failFast, ...target };
  return new Redis(options);
}

/** ioredis declares some of its own optional fields too narrowly for exactOptionalPropertyTypes. */
type ClusterConstructorOptions = NonNullable<ConstructorParameters<typeof Cluster>[1]>;

async function becomesReady(redis: Redis | Cluster, withinMs: number): Promise<boolean> {
  const timer = new AbortController();
  let onReady = (): void => {};
  const ready = new Promise<true>((resolve) => {
    onReady = () => resolve(true);
    redis.once('ready', onReady);
  });
  try {
    return await Promise.race([ready, delay(withinMs, false as const, { signal: timer.signal })]);
  } finally {
    redis.off('ready', onReady);
    timer.abort();
  }
}

/** An error of a connection that is being closed tells nobody anything. */
function ignoreError(): void {}
