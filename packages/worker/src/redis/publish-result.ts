import type { RedisConnection } from './connect.ts';

/**
 * Stores the result only while the queue's lock of the job holds this worker's token: a worker that was taken for dead cannot
 * publish. A result that is already there was accepted before and stays; what cannot be one, a key of another type or a text that the
 * worker could not read, is written over.
 */
const script = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'lock-lost' end
local isUnreadable = ARGV[4] == '1' or redis.call('TYPE', KEYS[2])['ok'] ~= 'string'
if not isUnreadable then return 'kept-earlier' end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
return 'published'
`;

export type PublishAnswer = 'published' | 'kept-earlier' | 'lock-lost';

export interface Publication {
  readonly lockKey: string;
  readonly token: string;
  readonly resultKey: string;
  /** The result as JSON. */
  readonly bytes: Buffer;
  readonly ttlMs: number;
  /** Whether what stood under the key when this worker had taken the job was no result. */
  readonly replacesUnreadable: boolean;
}

/** Publishes one result. Waits while Redis is away. */
export async function publishResult(redis: RedisConnection, publication: Publication): Promise<PublishAnswer> {
  const { lockKey, resultKey, token, bytes, ttlMs, replacesUnreadable } = publication;
  const flag = replacesUnreadable ? '1' : '0';
  return (await redis.eval(script, 2, lockKey, resultKey, token, bytes, ttlMs, flag)) as PublishAnswer;
}
