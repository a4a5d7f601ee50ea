import { readCliConfig } from '../config.ts';
import { exitCodes } from '../exit-code.ts';
import { chooseRedis } from '../fleet/parse-redis-target.ts';
import { type Fleet, startFleet } from '../fleet/start-fleet.ts';
import type { PreparedRun, PrepareRunOptions } from '../job/prepare-run.ts';
import { never, onInterrupt } from '../on-interrupt.ts';
import { say } from '../output/write-all.ts';

export interface RunOptions extends PrepareRunOptions {
  readonly redis?: string;
}

/** How long a worker may take to end once the only job's result is here. */
const closeGraceMs = 2000;

/** Runs FILE as the only job of a fleet of one worker with one slot, and returns the exit code that stands for its end. */
export async function runFile(file: string, args: readonly string[], options: RunOptions): Promise<number> {
  const config = readCliConfig();
  const redis = chooseRedis(options.redis, config);
  const profilesFile = await findProfilesFile(options.profiles);
  // Nothing takes as long as the worker's start. So it begins before what makes the job is even loaded; a mistake in the command line ends it.
  const preparing = import('../job/prepare-run.ts').then(({ prepareRun }) => prepareRun(file, args, options));
  const fleet = await startFleet({
    config,
    workers: 1,
    slots: 1,
    redis,
    profilesFile,
    catalog: preparing.then(({ catalog }) => catalog),
    ownQueue: true,
    logLevel: 'warn',
    log: () => {},
  });
  try {
    const { job, follow, present } = await preparing;
    return await present(await runJob(fleet, job, follow));
  } finally {
    await fleet.close(closeGraceMs);
  }
}

async function findProfilesFile(asked: string | undefined): Promise<string | undefined> {
  if (asked === undefined) return undefined;
  const { makeWorkerProfilesFile } = await import('../job/worker-profiles-file.ts');
  return makeWorkerProfilesFile(asked);
}

/** How long a cancelled job may take to end. */
const cancelGraceMs = 5000;

/** Submits the job, follows it and waits for its result; a first Ctrl-C cancels it, a second one ends everything. */
async function runJob(fleet: Fleet, job: Parameters<Fleet['client']['submit']>[0], follow: PreparedRun['follow']) {
  let handle: Awaited<ReturnType<Fleet['client']['submit']>> | null = null;
  let isLeaving = false;
  const leave = (): void => {
    isLeaving = true;
    void fleet.close(closeGraceMs).finally(() => process.exit(exitCodes.cancelled));
  };
  let lateCancel: NodeJS.Timeout | undefined;
  const forget = onInterrupt({
    first: () => {
      say('cancelling');
      if (handle === null) {
        leave();
        return;
      }
      lateCancel = setTimeout(leave, cancelGraceMs);
      handle.cancel().catch((error: unknown) => say(String(error)));
    },
    second: () => fleet.kill(),
  });
  try {
    handle = await fleet.client.submit(job);
    await Promise.race([follow(handle), fleet.lost]);
    return await Promise.race([handle.result(), fleet.lost]);
  } catch (error) {
    // Of the client and the worker that we close ourselves.
    if (isLeaving) return await never;
    throw error;
  } finally {
    clearTimeout(lateCancel);
    forget();
  }
}
