import { Cluster, Redis } from 'ioredis';
import type { RedisTarget } from '../config.ts';

/** A connection of either kind; both speak the same commands. */
export type RedisConnection = Redis | Cluster;

/**
 * Waits 50 ms to 1 s between attempts, for ever. The defaults of BullMQ and ioredis grow to 20 s, which after an outage costs running
 * jobs their locks.
 */
const retryStrategy = (attempt: number): number => Math.min(50 * 2 ** Math.min(attempt, 5), 1000);

/** A primary that became a replica keeps its connections: only a new one leads to the primary of now, by its name. */
const reconnectOnError = (error: Error): boolean => error.message.startsWith('READONLY ');

/**
 * Opens a connection that outlives outages of Redis: commands wait until it is back. `onError` gets every connection error, which
 * ioredis would print otherwise.
 */
export function connectRedis(target: RedisTarget, onError: (error: Error) => void): RedisConnection {
  const connection = openConnection(target);
  connection.on('error', onError);
  return connection;
}

function openConnection(target: RedisTarget): RedisConnection {
  const lasting = { maxRetriesPerRequest: null, retryStrategy, reconnectOnError };
  if (typeof target === 'string') return new Redis(target, lasting);
  if (isClusterTarget(target)) {
    const { options } = target;
    const redisOptions = { ...(options['redisOptions'] as object | undefined), maxRetriesPerRequest: null };
    return new Cluster(target.cluster as ClusterNodes, {
      clusterRetryStrategy: retryStrategy,
      ...options,
      redisOptions,
    });
  }
  return new Redis({ ...target, ...lasting });
}

type ClusterNodes = ConstructorParameters<typeof Cluster>[0];
type ClusterTarget = { readonly cluster: readonly unknown[]; readonly options: Record<string, unknown> };

function isClusterTarget(target: object): target is ClusterTarget {
  return 'cluster' in target;
}
