import { createClient, type JobHandle } from '@bullpen/client';
import { resolveLimits } from '@bullpen/profiles';
import type { JobInput, Result } from '@bullpen/protocol';
import { readCliConfig } from '../config.ts';
import { findFleet } from '../fleet/find-fleet.ts';
import { loadCatalog } from '../job/load-catalog.ts';
import { type JobOptions, makeRunJob } from '../job/make-run-job.ts';
import { presentResult } from '../job/present-result.ts';
import { printOutput, type PrintOutputOptions, readFollow } from '../job/print-output.ts';
import { readJsonOption } from '../job/read-bytes.ts';
import { onInterrupt } from '../on-interrupt.ts';
import { printJson, writeAll } from '../output/write-all.ts';
import { UsageError } from '../usage-error.ts';

export interface SubmitOptions extends JobOptions {
  readonly job?: string;
  readonly profiles?: string;
  readonly redis?: string;
  readonly cache?: boolean;
  readonly wait?: boolean;
  readonly follow?: boolean;
  readonly json?: boolean;
}

/** Puts a job into the queue of a running fleet and prints its id, with `--wait` its result, or with `--follow` its output while it runs. */
export async function submitJob(
  file: string | undefined,
  args: readonly string[],
  options: SubmitOptions,
): Promise<number> {
  const follows = readFollow(options);
  const config = readCliConfig();
  const catalog = await loadCatalog(options.profiles);
  const job = await makeJob(file, args, options, catalog);
  const client = createClient({ connection: findFleet(options.redis, config), catalog });
  try {
    const handle = await client.submit(job);
    if (options.wait !== true && !follows) {
      if (options.json === true) await printJson({ id: handle.id });
      else await writeAll(process.stdout, `${handle.id}\n`);
      return 0;
    }
    const forget = onInterrupt({ first: () => void handle.cancel(), second: () => {} });
    // Of a file's commands the last one runs it; those before compile, and are heard only if they fail.
    const only = file === undefined ? undefined : job.commands.length - 1;
    const result = await awaitResult(handle, follows ? { only } : null).finally(forget);
    const profile = catalog.get(job.profile);
    return await presentResult(result, {
      json: options.json ?? false,
      output: file === undefined ? 'all' : 'decisive',
      isPrinted: (index) => follows && (only === undefined || index === only),
      limitsOf: (index) =>
        profile === undefined ? null : resolveLimits(profile, job.limits, job.commands[index]?.limits),
    });
  } finally {
    await client.close();
  }
}

async function awaitResult(handle: JobHandle, followed: PrintOutputOptions | null): Promise<Result> {
  if (followed !== null) await printOutput(handle, followed);
  return handle.result();
}

async function makeJob(
  file: string | undefined,
  args: readonly string[],
  options: SubmitOptions,
  catalog: Awaited<ReturnType<typeof loadCatalog>>,
): Promise<JobInput> {
  const job = await makeUncachedJob(file, args, options, catalog);
  return options.cache === true ? { cache: {}, ...job } : job;
}

async function makeUncachedJob(
  file: string | undefined,
  args: readonly string[],
  options: SubmitOptions,
  catalog: Awaited<ReturnType<typeof loadCatalog>>,
): Promise<JobInput> {
  if (options.job === undefined) {
    if (file === undefined) throw new UsageError('Nothing to submit: name a FILE, or a job with --job JSONFILE.');
    return makeRunJob(file, args, options, catalog);
  }
  if (file !== undefined) throw new UsageError(`Both FILE (${file}) and --job ${options.job} were given: choose one.`);
  // The client parses it, and says in one sentence what is wrong with it.
  return (await readJsonOption(options.job, '--job')) as JobInput;
}
