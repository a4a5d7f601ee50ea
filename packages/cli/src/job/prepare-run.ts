import { type Catalog, resolveLimits } from '@bullpen/profiles';
import type { JobInput, Result } from '@bullpen/protocol';
import { loadCatalog } from './load-catalog.ts';
import { type JobOptions, makeRunJob } from './make-run-job.ts';
import { presentResult } from './present-result.ts';

export interface PrepareRunOptions extends JobOptions {
  readonly profiles?: string;
  readonly json?: boolean;
}

/** What `run` knows before there is a fleet. */
export interface PreparedRun {
  readonly catalog: Catalog;
  readonly job: JobInput;
  /** Prints the job's result and returns the exit code that stands for its end. */
  present(result: Result): Promise<number>;
}

/** Makes the job that runs FILE. Rejects as `loadCatalog` and `makeRunJob` do. */
export async function prepareRun(
  file: string,
  args: readonly string[],
  options: PrepareRunOptions,
): Promise<PreparedRun> {
  const catalog = await loadCatalog(options.profiles);
  const job = await makeRunJob(file, args, options, catalog);
  const profile = catalog.get(job.profile);
  return {
    catalog,
    job,
    present: (result) =>
      presentResult(result, {
        json: options.json ?? false,
        output: 'decisive',
        limitsOf: (index) =>
          profile === undefined ? null : resolveLimits(profile, job.limits, job.commands[index]?.limits),
      }),
  };
}
