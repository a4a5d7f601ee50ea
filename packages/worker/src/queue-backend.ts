import { isCount, mendRecord } from './mend-record.ts';
import type { RedisConnection } from './redis/connect.ts';
import type { Outlasting } from './redis/outlast.ts';
import { remedyOf } from './redis/redis-refusal.ts';

export interface BackendParts {
  readonly redis: RedisConnection;
  readonly outlasting: Pick<Outlasting, 'insist' | 'note'>;
  /** Aborted when the worker leaves the queue. */
  readonly closing: AbortSignal;
}

/** What this needs of BullMQ's backend, through which all its commands go. */
export interface QueueBackend {
  execCommand(client: unknown, command: string, parameters: readonly (string | number | Buffer)[]): unknown;
  toKey(jobId: string): string;
}

type Execute = QueueBackend['execCommand'];

/** BullMQ's commands whose answers may hold the record of the next job. */
const fetching = new Set(['moveToActive', 'moveToFinished']);
/** Those that end a worker's part in a job: BullMQ would take a refusal for the job's own failure. */
const ending = new Set(['moveToFinished', 'moveToDelayed', 'moveJobFromActiveToWait']);

/**
 * Between BullMQ and Redis: mends records before BullMQ parses them, lets Redis forget what would keep them from ever ending, keeps jobs ours while
 * the memory of Redis is full, and lets no job suffer for what Redis refuses.
 */
export function patientBackend<Backend extends QueueBackend>(backend: Backend, parts: BackendParts): Backend {
  const { outlasting, closing } = parts;
  const execute: Execute = backend.execCommand.bind(backend);
  const executeMending = mending(backend, execute, parts.redis);
  backend.execCommand = async (client, command, parameters) => {
    const ask = async (): Promise<unknown> =>
      (fetching.has(command) ? executeMending : execute)(client, command, parameters);
    if (ending.has(command)) return outlasting.insist(ask, closing);
    try {
      return await ask();
    } catch (error) {
      if (!outlasting.note(error) || command !== 'extendLocks') throw error;
      return parts.redis.eval(extendScript, 1, ...parameters);
    }
  };
  return backend;
}

/**
 * What BullMQ's extendLocks does, with the same keys and arguments, by commands that a Redis whose memory is full does not refuse: KEYS the stalled
 * set; ARGV prefix of the queue's keys, tokens, job ids, how long the locks live in ms. Answers the ids whose locks are not ours.
 */
const extendScript = `
local tokens, ids, lost = cmsgpack.unpack(ARGV[2]), cmsgpack.unpack(ARGV[3]), {}
for i = 1, #ids do
  local lock = ARGV[1] .. ids[i] .. ':lock'
  if redis.call('GET', lock) == tokens[i] then
    redis.call('PEXPIRE', lock, ARGV[4])
    redis.call('SREM', KEYS[1], ids[i])
  else
    lost[#lost + 1] = ids[i]
  end
end
return lost
`;

function mending(backend: QueueBackend, execute: Execute, redis: RedisConnection): Execute {
  return async (client, command, parameters) => {
    try {
      const answer: unknown = await execute(client, command, parameters);
      if (!Array.isArray(answer) || !Array.isArray(answer[0])) return answer;
      const { fields, forget } = mendRecord(answer[0]);
      if (forget.length > 0) await redis.hdel(backend.toKey(String(answer[1])), ...forget);
      return [fields, ...answer.slice(1)];
    } catch (error) {
      const isOurs = error instanceof Error && error.name === 'ReplyError' && remedyOf(error) === null;
      if (isOurs) await forgetBadCount(backend, redis);
      throw error;
    }
  };
}

/** A script that could not count a job's starts has left it among the active ones, where it is found as stalled and handed out anew. */
async function forgetBadCount(backend: QueueBackend, redis: RedisConnection): Promise<void> {
  const newest = await redis.lindex(backend.toKey('active'), 0);
  if (newest === null) return;
  const key = backend.toKey(newest);
  const starts = (await redis.type(key)) === 'hash' ? await redis.hget(key, 'ats') : null;
  if (starts !== null && !isCount(starts)) await redis.hdel(key, 'ats');
}
