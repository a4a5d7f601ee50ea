import { startRedis } from './redis.ts';
import { preparePlace, slots } from './rung.ts';
import { patientLocks, startWorkerProcess, type TestWorker } from './worker.ts';

/** What a fleet of the tests consists of besides its client. */
export interface FleetServers {
  readonly redisSocket: string;
  readonly worker: TestWorker;
  /** Parent of the worker's run directory. */
  readonly runDir: string;
  /** Directory of the jails' boxes on rungs without mounts; null on others. */
  readonly boxes: string | null;
  /** Directories in which the jailer makes cgroups. */
  readonly cgroups: readonly string[];
  close(): Promise<void>;
}

/** What others must know of servers to use them: BULLPEN_TEST_FLEET, as JSON. */
export type FleetAddress = Pick<FleetServers, 'redisSocket' | 'runDir' | 'boxes'> &
  Pick<TestWorker, 'pid' | 'workerId'>;

/** Starts a Redis and one worker on the rung of this run; `settings` are the worker's `BULLPEN_...` variables. */
export async function startServers(settings: Readonly<Record<string, string>>): Promise<FleetServers> {
  const redis = await startRedis();
  const place = preparePlace();
  const ofWorker = { BULLPEN_SLOTS: `${slots}`, ...patientLocks, ...settings, ...place.settings };
  const worker = await startWorkerProcess(redis.socket, ofWorker, place.launcher).catch(async (error) => {
    place.remove();
    await redis.close();
    throw error;
  });
  return {
    redisSocket: redis.socket,
    worker,
    runDir: place.runDir,
    boxes: place.boxes,
    cgroups: place.cgroups,
    async close() {
      await worker.close();
      place.remove();
      await redis.close();
    },
  };
}

let isJoined = false;

/**
 * The servers of BULLPEN_TEST_FLEET, which run already and go on after `close`: a start takes an emulated machine half a minute. Null without
 * them, while they are somebody else's (two fleets at the same time are two), and for workers with settings of their own.
 */
export function joinServers(settings: Readonly<Record<string, string>>): FleetServers | null {
  const text = process.env['BULLPEN_TEST_FLEET'];
  if (text === undefined || isJoined || Object.keys(settings).length > 0) return null;
  const { pid, workerId, ...address } = JSON.parse(text) as FleetAddress;
  const worker: TestWorker = {
    pid,
    workerId,
    log: [],
    ended: new Promise(() => {}),
    signal: (signal) => void process.kill(pid, signal),
    async close() {},
  };
  isJoined = true;
  return {
    ...address,
    cgroups: [],
    worker,
    async close() {
      isJoined = false;
    },
  };
}
