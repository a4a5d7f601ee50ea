import { Redis } from 'ioredis';

/** Removes every key of a queue that nobody uses any more, so that a Redis that we borrowed is left as it was. Only for a single server. */
export async function deleteQueueKeys(target: string, keyPrefix: string): Promise<void> {
  const redis = new Redis(target, { maxRetriesPerRequest: 1, retryStrategy: () => null });
  // An error also rejects the command that met it.
  redis.on('error', () => {});
  try {
    // Braces in the prefix are a hash tag for Redis Cluster and nothing special in a pattern.
    for await (const keys of redis.scanStream({ match: `${keyPrefix}*`, count: 1000 })) {
      if (isKeys(keys)) await redis.unlink(...keys);
    }
  } catch {
    // The Redis has gone, and its keys are its owner's to care for.
  } finally {
    redis.disconnect();
  }
}

function isKeys(value: unknown): value is [string, ...string[]] {
  return Array.isArray(value) && value.length > 0;
}
