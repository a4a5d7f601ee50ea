import { createClient, type JobHandle } from '@bullpen/client';
import { readCliConfig } from '../config.ts';
import { findFleet } from '../fleet/find-fleet.ts';
import { presentResult } from '../job/present-result.ts';
import { printOutput, readFollow } from '../job/print-output.ts';
import { parseDuration } from '../parse/parse-duration.ts';

export interface ResultOptions {
  readonly timeout?: string;
  readonly redis?: string;
  readonly json?: boolean;
  readonly follow?: boolean;
}

/** Waits for the result of a job and prints it, with `--follow` its output while it runs; the exit code stands for how its program ended. */
export async function printResultOf(id: string, options: ResultOptions): Promise<number> {
  const follows = readFollow(options);
  const timeout = options.timeout ?? (follows ? undefined : '30s');
  const wait = timeout === undefined ? {} : { timeoutMs: parseDuration(timeout, '--timeout', 's') };
  const client = createClient({ connection: findFleet(options.redis, readCliConfig()) });
  try {
    const handle = client.job(id);
    if (follows) await printOutput(handle, wait);
    const result = await handle.result(wait).catch((error: unknown) => explainWaiting(handle, error));
    return await presentResult(result, {
      json: options.json ?? false,
      output: 'all',
      isPrinted: () => follows,
      limitsOf: () => null,
    });
  } finally {
    await client.close();
  }
}

/** Nobody has taken the job: that is no matter of more patience, as a rule. */
async function explainWaiting(handle: JobHandle, error: unknown): Promise<never> {
  const isLate = error instanceof DOMException && error.name === 'TimeoutError';
  if (!isLate || (await handle.state()) !== 'waiting') throw error;
  throw new Error(
    `Job ${handle.id} waits in the queue still: is a worker of this fleet running (\`bullpen worker\`), and not busy? Wait longer with --timeout.`,
    { cause: error },
  );
}
