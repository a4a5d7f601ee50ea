import { resolveLimits } from '@bullpen/profiles';
import { readCliConfig } from '../config.ts';
import { exitCodes } from '../exit-code.ts';
import { chooseRedis } from '../fleet/parse-redis-target.ts';
import { type Fleet, startFleet } from '../fleet/start-fleet.ts';
import { loadCatalog } from '../job/load-catalog.ts';
import { type JobOptions, makeRunJob } from '../job/make-run-job.ts';
import { presentResult } from '../job/present-result.ts';
import { makeWorkerProfilesFile } from '../job/worker-profiles-file.ts';
import { never, onInterrupt } from '../on-interrupt.ts';
import { say } from '../output/write-all.ts';

export interface RunOptions extends JobOptions {
  readonly profiles?: string;
  readonly redis?: string;
  readonly json?: boolean;
}

/** How long a worker may take to end once the only job's result is here. */
const closeGraceMs = 2000;

/** Runs FILE as the only job of a fleet of one worker with one slot, and returns the exit code that stands for its end. */
export async function runFile(file: string, args: readonly string[], options: RunOptions): Promise<number> {
  const config = readCliConfig();
  const catalog = await loadCatalog(options.profiles);
  const job = await makeRunJob(file, args, options, catalog);
  const profile = catalog.get(job.profile);
  const fleet = await startFleet({
    config,
    workers: 1,
    slots: 1,
    redis: chooseRedis(options.redis, config),
    profilesFile: await makeWorkerProfilesFile(options.profiles),
    catalog,
    ownQueue: true,
    logLevel: 'warn',
    log: () => {},
  });
  try {
    const result = await runJob(fleet, job);
    return await presentResult(result, {
      json: options.json ?? false,
      output: 'decisive',
      limitsOf: (index) =>
        profile === undefined ? null : resolveLimits(profile, job.limits, job.commands[index]?.limits),
    });
  } finally {
    await fleet.close(closeGraceMs);
  }
}

/** How long a cancelled job may take to end. */
const cancelGraceMs = 5000;

/** Submits the job and waits for its result; a first Ctrl-C cancels it, a second one ends everything. */
async function runJob(fleet: Fleet, job: Parameters<Fleet['client']['submit']>[0]) {
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
