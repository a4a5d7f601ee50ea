import { BullpenError } from '@bullpen/protocol';
import type { RedisConnection } from './connect.ts';

/**
 * Stores the result only while the queue's lock of the job holds this worker's token: a worker that was taken for dead cannot
 * publish. A result that is already there was accepted before and stays.
 */
const script = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'lock-lost' end
if redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3], 'NX') then return 'published' end
return 'kept-earlier'
`;

export type PublishAnswer = 'published' | 'kept-earlier' | 'lock-lost';

export interface Publication {
  readonly lockKey: string;
  readonly token: string;
  readonly resultKey: string;
  readonly resultText: string;
  readonly ttlMs: number;
}

/** Largest result text; above the output budget's worst case (each kept byte as a six-character escape), below Redis's 512 MB. */
export const resultTextBytesMax = 469_762_048;

/** Publishes one result. Throws BullpenError `internal` for a text above `resultTextBytesMax`; waits while Redis is away. */
export async function publishResult(redis: RedisConnection, publication: Publication): Promise<PublishAnswer> {
  const { lockKey, resultKey, token, resultText, ttlMs } = publication;
  // As bytes it is written as it is; a string would be copied into the text of the whole command first.
  const bytes = Buffer.from(resultText);
  if (bytes.byteLength > resultTextBytesMax) {
    throw new BullpenError(
      'internal',
      `The result has ${bytes.byteLength} bytes, more than the ${resultTextBytesMax} that Redis is given: lower the output budget.`,
    );
  }
  return (await redis.eval(script, 2, lockKey, resultKey, token, bytes, ttlMs)) as PublishAnswer;
}
