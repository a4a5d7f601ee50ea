import type { JobHandle } from '@bullpen/client';
import { type Catalog, resolveLimits } from '@bullpen/profiles';
import type { JobInput, Result } from '@bullpen/protocol';
import { loadCatalog } from './load-catalog.ts';
import { type JobOptions, makeRunJob } from './make-run-job.ts';
import { presentResult } from './present-result.ts';
import { printOutput } from './print-output.ts';

export interface PrepareRunOptions extends JobOptions {
  readonly profiles?: string;
  readonly json?: boolean;
}

/** What `run` knows before there is a fleet. */
export interface PreparedRun {
  readonly catalog: Catalog;
  readonly job: JobInput;
  /** Prints what the program writes, while it does; nothing where the result is wanted as JSON. Rejects as `result` does. */
  follow(handle: JobHandle): Promise<void>;
  /** Prints what was not printed of the job's result and returns the exit code that stands for its end. */
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
  const json = options.json ?? false;
  // The commands before it compile, and are heard only if they fail.
  const only = job.commands.length - 1;
  return {
    catalog,
    job,
    follow: async (handle) => (json ? undefined : printOutput(handle, { only })),
    present: (result) =>
      presentResult(result, {
        json,
        output: 'decisive',
        isPrinted: (index) => index === only,
        limitsOf: (index) =>
          profile === undefined ? null : resolveLimits(profile, job.limits, job.commands[index]?.limits),
      }),
  };
}
