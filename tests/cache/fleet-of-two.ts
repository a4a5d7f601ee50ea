import { type Client, createClient, type JobToSubmit } from '@bullpen/client';
import type { Result } from '@bullpen/protocol';
import { Redis } from 'ioredis';
import { patience } from '../support/patience.ts';
import { startRedis } from '../support/redis.ts';
import { startWorkerProcess, type TestWorker } from '../support/worker.ts';

/** Two workers of two slots, their client, and their Redis, seen directly. */
export interface FleetOfTwo {
  readonly client: Client;
  readonly redis: Redis;
  readonly workers: readonly TestWorker[];
  run(job: JobToSubmit): Promise<Result>;
  /** Starts one more. */
  add(): Promise<TestWorker>;
  /** Keys of the fleet that begin with this word. */
  keys(word: 'cache' | 'flight'): Promise<readonly string[]>;
  /** The sum of a counter of the result cache over all workers. */
  count(event: string): Promise<number>;
  close(): Promise<void>;
}

export async function startFleetOfTwo(): Promise<FleetOfTwo> {
  const server = await startRedis();
  const client = createClient({ connection: server.socket });
  const redis = new Redis(server.socket);
  const start = (): Promise<TestWorker> =>
    startWorkerProcess(server.socket, { BULLPEN_SLOTS: '2', BULLPEN_HEALTH_PORT: '0', BULLPEN_LOG_LEVEL: 'debug' });
  const workers = await Promise.all([start(), start()]);
  return {
    client,
    redis,
    workers,
    run: async (job) => (await client.submit(job)).result({ timeoutMs: 30_000 * patience }),
    async add() {
      const worker = await start();
      workers.push(worker);
      return worker;
    },
    keys: (word) => redis.keys(`{bullpen}:bullpen/${word}:*`),
    async count(event) {
      const counts = await Promise.all(workers.map((worker) => readCount(worker, event)));
      return counts.reduce((sum, each) => sum + each, 0);
    },
    async close() {
      await client.close();
      redis.disconnect();
      await Promise.all(workers.map((worker) => worker.close()));
      await server.close();
    },
  };
}

async function readCount(worker: TestWorker, event: string): Promise<number> {
  const port = worker.log.find(({ msg }) => msg === 'health endpoint listens')?.['port'];
  const text = await (await fetch(`http://127.0.0.1:${String(port)}/metrics`)).text();
  return Number(new RegExp(`^bullpen_result_cache_total\\{event="${event}"\\} (\\d+)$`, 'm').exec(text)?.[1]);
}
