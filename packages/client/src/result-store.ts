import { type Doubtful, findDoubt, parseDoubts, type Result, resultSchema } from '@bullpen/protocol';
import type { ProducerConnection } from './connection.ts';

/** The results that workers publish, each under its own key with an age. */
export interface ResultStore {
  /**
   * In the order of the ids; null where there is none, or nothing that reads as a result of that job. A result that was published by a worker
   * whose probes failed since says so.
   */
  read(ids: readonly string[]): Promise<readonly (Result | null)[]>;
  /** Stores a result unless there is one already, for `ttlMs` where that is less than this client keeps results. */
  storeFirst(result: Result, ttlMs?: number): Promise<void>;
}

export interface ResultStoreOptions {
  readonly connection: ProducerConnection;
  readonly keyOf: (id: string) => string;
  /** Holds the fleet's doubts about results. */
  readonly doubtsKey: string;
  readonly ttlMs: number;
}

export function createResultStore({ connection, keyOf, doubtsKey, ttlMs }: ResultStoreOptions): ResultStore {
  return {
    async read(ids) {
      if (ids.length === 0) return [];
      // In the same breath, so that asking for them costs nothing where there are none.
      const [doubtsText = null, ...texts] = await connection.redis.mget([doubtsKey, ...ids.map(keyOf)]);
      const doubts = parseDoubts(doubtsText);
      return texts.map((text, index) => {
        const result = text === null ? null : readResult(text, ids[index] ?? '');
        return result === null ? null : mark(result, findDoubt(doubts, result));
      });
    },
    async storeFirst(result, ownTtlMs = ttlMs) {
      await connection.redis.set(keyOf(result.jobId), JSON.stringify(result), 'PX', Math.min(ttlMs, ownTtlMs), 'NX');
    },
  };
}

/** What stands in the stored text itself was not told by anybody who could know. */
function mark({ doubtful: _stored, ...result }: Result, doubtful: Doubtful | null): Result {
  return doubtful === null ? result : { ...result, doubtful };
}

/** What is damaged, forged or of another version must not keep those from their results who wait together with its reader. */
function readResult(text: string, id: string): Result | null {
  try {
    const parsed = resultSchema.safeParse(JSON.parse(text));
    return parsed.success && parsed.data.jobId === id ? parsed.data : null;
  } catch {
    return null; // no JSON
  }
}
