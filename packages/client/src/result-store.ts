import { type Result, resultSchema } from '@bullpen/protocol';
import type { ProducerConnection } from './connection.ts';

/** The results that workers publish, each under its own key with an age. */
export interface ResultStore {
  /** In the order of the ids; null where there is none, or nothing that reads as a result of that job. */
  read(ids: readonly string[]): Promise<readonly (Result | null)[]>;
  /** Stores a result unless there is one already. */
  storeFirst(result: Result): Promise<void>;
}

export interface ResultStoreOptions {
  readonly connection: ProducerConnection;
  readonly keyOf: (id: string) => string;
  readonly ttlMs: number;
}

export function createResultStore({ connection, keyOf, ttlMs }: ResultStoreOptions): ResultStore {
  return {
    async read(ids) {
      if (ids.length === 0) return [];
      const texts = await connection.redis.mget(ids.map(keyOf));
      return texts.map((text, index) => (text === null ? null : readResult(text, ids[index] ?? '')));
    },
    async storeFirst(result) {
      await connection.redis.set(keyOf(result.jobId), JSON.stringify(result), 'PX', ttlMs, 'NX');
    },
  };
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
