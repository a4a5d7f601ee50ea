import { BullpenError } from '@bullpen/protocol';
import type { ProducerConnection } from './connection.ts';

/** The digest is the last field of a message, whose files may have megabytes: only the end of it travels. */
const script = `
local message = redis.call('HGET', KEYS[1], 'data')
return message and string.match(string.sub(message, -76), '^"digest":"(%x+)"}$')
`;

/** The digest of the job that the queue has under this record's key; null when it has none, or knows it without a digest. */
export async function readSubmittedDigest(
  { redis }: Pick<ProducerConnection, 'redis'>,
  recordKey: string,
): Promise<string | null> {
  return (await redis.eval(script, 1, recordKey)) as string | null;
}

/** The error of an id that was used before, for another job. */
export function idTakenError(id: string): BullpenError {
  return new BullpenError(
    'id-taken',
    `The id ${id} was used for another job, and that one stays: submit this job under an id of its own.`,
  );
}
