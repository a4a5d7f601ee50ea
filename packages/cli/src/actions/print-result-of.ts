import { createClient } from '@bullpen/client';
import { readCliConfig } from '../config.ts';
import { findFleet } from '../fleet/find-fleet.ts';
import { presentResult } from '../job/present-result.ts';
import { parseDuration } from '../parse/parse-duration.ts';

export interface ResultOptions {
  readonly timeout: string;
  readonly redis?: string;
  readonly json?: boolean;
}

/** Waits for the result of a job and prints it; the exit code stands for how its program ended. */
export async function printResultOf(id: string, options: ResultOptions): Promise<number> {
  const timeoutMs = parseDuration(options.timeout, '--timeout', 's');
  const client = createClient({ connection: findFleet(options.redis, readCliConfig()) });
  try {
    const result = await client.job(id).result({ timeoutMs });
    return await presentResult(result, { json: options.json ?? false, output: 'all', limitsOf: () => null });
  } finally {
    await client.close();
  }
}
