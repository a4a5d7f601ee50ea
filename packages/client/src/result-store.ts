import { BullpenError, type Result, resultSchema } from '@bullpen/protocol';
import type { ProducerConnection } from './connection.ts';

/** The results that workers publish, each under its own key with an age. */
export interface ResultStore {
  /** In the order of the ids; null where there is none. */
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
      return texts.map((text, index) => (text === null ? null : parseResult(text, ids[index] ?? '')));
    },
    async storeFirst(result) {
      await connection.redis.set(keyOf(result.jobId), JSON.stringify(result), 'PX', ttlMs, 'NX');
    },
  };
}

function parseResult(text: string, id: string): Result {
  try {
    return resultSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new BullpenError(
      'internal',
      `The stored result of job ${id} cannot be read: the worker and this client are of different versions.`,
      { cause },
    );
  }
}
