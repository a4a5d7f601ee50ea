import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { startRedis, type TestRedis } from './redis.ts';
import { preparePlace, type RungPlace, slots } from './rung.ts';
import { startWorkerProcess, type TestWorker } from './worker.ts';

/** For tests of how workers start: a Redis for all of them, and for each a place of the rung. */
export interface WorkerStarter {
  readonly redisSocket: string;
  readonly place: RungPlace;
  /** Starts a worker with these `BULLPEN_...` variables over those of the rung; it is closed after the test. */
  start(settings?: Readonly<Record<string, string>>): Promise<TestWorker>;
  /** Closes those that were started so far. */
  closeAll(): Promise<void>;
}

/** To be called once, at the top of a test file. */
export function useWorkerStarter(): WorkerStarter {
  let redis: TestRedis;
  let place: RungPlace;
  let workers: TestWorker[] = [];
  const closeAll = async (): Promise<void> => {
    await Promise.all(workers.splice(0).map((worker) => worker.close()));
  };
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis?.close());
  beforeEach(() => {
    workers = [];
    place = preparePlace();
  });
  afterEach(async () => {
    await closeAll();
    place.remove();
  });
  return {
    get redisSocket() {
      return redis.socket;
    },
    get place() {
      return place;
    },
    async start(settings = {}) {
      const all = { BULLPEN_SLOTS: `${slots}`, ...place.settings, ...settings };
      const worker = await startWorkerProcess(redis.socket, all, place.launcher);
      workers.push(worker);
      return worker;
    },
    closeAll,
  };
}
