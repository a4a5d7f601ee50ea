import { availableParallelism } from 'node:os';
import type { JobToSubmit } from '@bullpen/client';
import type { Result } from '@bullpen/protocol';
import { readCliConfig } from '../../packages/cli/src/config.ts';
import { type Fleet, startFleet } from '../../packages/cli/src/fleet/start-fleet.ts';
import { listDescendants } from './process-memory.ts';

/** A private Redis on a unix socket and one worker in a process of its own, as `bullpen up` starts them. */
export interface BenchFleet {
  /** Path of Redis's socket. */
  readonly redis: string;
  readonly slots: number;
  readonly workerPid: number;
  /** Submits one job and waits for its result. */
  run(job: JobToSubmit): Promise<Result>;
  /** Submits `count` jobs as a stream and waits for all results. */
  runMany(job: JobToSubmit, count: number): Promise<readonly Result[]>;
  close(): Promise<void>;
}

/** Starts the fleet with as many slots as there are processors. Rejects with the worker's last words when it does not come up. */
export async function startBenchFleet(): Promise<BenchFleet> {
  const slots = availableParallelism();
  const fleet = await startFleet({
    config: readCliConfig(),
    workers: 1,
    slots,
    redis: null,
    ownQueue: false,
    logLevel: 'warn',
    log: (line) => void process.stderr.write(`${line}\n`),
  });
  try {
    await Promise.race([fleet.workers[0]?.ready, fleet.lost]);
    return { redis: fleet.redis, slots, workerPid: findWorker(), ...submitters(fleet), close: () => fleet.close(2000) };
  } catch (error) {
    await fleet.close(0);
    throw error;
  }
}

function submitters({ client, lost }: Fleet): Pick<BenchFleet, 'run' | 'runMany'> {
  return {
    async run(job) {
      const handle = await client.submit(job);
      return Promise.race([handle.result(), lost]);
    },
    async runMany(job, count) {
      const waiting: Promise<Result>[] = [];
      const jobs = Array.from({ length: count }, () => job);
      for await (const handle of client.submitMany(jobs)) waiting.push(handle.result());
      return Promise.race([Promise.all(waiting), lost]);
    },
  };
}

/** The worker is the one process below us that has a jailer. */
function findWorker(): number {
  const below = listDescendants(process.pid);
  const pid = below.find(({ name }) => name === 'bullpen-master')?.parent;
  if (pid === undefined) throw new Error('The worker was not found among the processes of this benchmark.');
  return pid;
}
