import { resolve } from 'node:path';
import { resolveLimits } from '@bullpen/profiles';
import { readCliConfig } from '../config.ts';
import { chooseRedis } from '../fleet/parse-redis-target.ts';
import { type Fleet, startFleet } from '../fleet/start-fleet.ts';
import { loadCatalog } from '../job/load-catalog.ts';
import { type JobOptions, makeRunJob } from '../job/make-run-job.ts';
import { presentResult } from '../job/present-result.ts';
import { onInterrupt } from '../on-interrupt.ts';
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
    profilesFile: options.profiles === undefined ? undefined : resolve(options.profiles),
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

/** Submits the job and waits for its result; a first Ctrl-C cancels it, a second one ends everything. */
async function runJob(fleet: Fleet, job: Parameters<Fleet['client']['submit']>[0]) {
  const handle = await fleet.client.submit(job);
  const forget = onInterrupt({
    first: () => {
      say('cancelling');
      handle.cancel().catch((error: unknown) => say(String(error)));
    },
    second: () => fleet.kill(),
  });
  try {
    return await Promise.race([handle.result(), fleet.lost]);
  } finally {
    forget();
  }
}
