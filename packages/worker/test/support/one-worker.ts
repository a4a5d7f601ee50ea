import { type Client, createClient } from '@bullpen/client';
import { Redis } from 'ioredis';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { startWorkerProcess, type TestWorker } from '../../../../tests/support/worker.ts';

/** A Redis of its own with one worker of two slots, seen through a client and, behind its back, directly. */
export interface OneWorker {
  readonly redis: TestRedis;
  readonly worker: TestWorker;
  readonly client: Client;
  readonly direct: Redis;
  close(): Promise<void>;
}

/** Starts them and resolves when the worker takes jobs; `settings` are its `BULLPEN_...` variables. */
export async function startOneWorker(settings: Readonly<Record<string, string>> = {}): Promise<OneWorker> {
  const redis = await startRedis();
  const worker = await startWorkerProcess(redis.socket, { BULLPEN_SLOTS: '2', ...settings }).catch(
    async (error: unknown) => {
      await redis.close();
      throw error;
    },
  );
  const client = createClient({ connection: redis.socket });
  const direct = new Redis(redis.socket);
  return {
    redis,
    worker,
    client,
    direct,
    async close() {
      await client.close();
      direct.disconnect();
      await worker.close();
      await redis.close();
    },
  };
}
