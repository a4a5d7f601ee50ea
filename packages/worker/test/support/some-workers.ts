import { type Client, createClient } from '@bullpen/client';
import { startRedis, type TestRedis, type TestRedisOptions } from '../../../../tests/support/redis.ts';
import { startWorkerProcess, type TestWorker } from '../../../../tests/support/worker.ts';

/** A Redis of its own, a client, and the workers that a test adds. */
export interface SomeWorkers {
  readonly redis: TestRedis;
  readonly client: Client;
  readonly workers: readonly TestWorker[];
  /** Starts a worker with more settings, or through the words of another program. Resolves when it takes jobs. */
  add(settings?: Readonly<Record<string, string>>, launcher?: readonly string[]): Promise<TestWorker>;
  /** Drains all workers; others can be added afterwards. */
  closeWorkers(): Promise<void>;
  close(): Promise<void>;
}

/** Starts them without a worker. */
export async function startSomeWorkers(options: TestRedisOptions = {}): Promise<SomeWorkers> {
  const redis = await startRedis(options);
  const client = createClient({ connection: redis.socket });
  const workers: TestWorker[] = [];
  const closeWorkers = async (): Promise<void> => {
    await Promise.all(workers.splice(0).map((worker) => worker.close()));
  };
  return {
    redis,
    client,
    workers,
    async add(settings = {}, launcher = []) {
      const worker = await startWorkerProcess(redis.socket, settings, launcher);
      workers.push(worker);
      return worker;
    },
    closeWorkers,
    async close() {
      await client.close();
      await closeWorkers();
      await redis.close();
    },
  };
}
