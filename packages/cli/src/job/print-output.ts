import type { JobHandle } from '@bullpen/client';
import { say, writeAll } from '../output/write-all.ts';
import { UsageError } from '../usage-error.ts';

export interface PrintOutputOptions {
  /** Index of the only command whose output is printed; that of all commands unless said. */
  readonly only?: number | undefined;
  /** How long to wait for the job's end, in milliseconds; for ever unless said. */
  readonly timeoutMs?: number;
}

/**
 * Prints what a job's programs write while they write it, and returns when all that the result keeps is printed. Rejects as the handle's
 * `result` does.
 */
export async function printOutput(handle: JobHandle, { only, timeoutMs }: PrintOutputOptions = {}): Promise<void> {
  for await (const item of handle.output(timeoutMs === undefined ? {} : { timeoutMs })) {
    if (item.kind === 'restarted') {
      say('The run was interrupted, and the job is run anew: its output so far does not count.');
    } else if (only === undefined || item.command === only) {
      await writeAll(item.stream === 'stdout' ? process.stdout : process.stderr, item.bytes);
    }
  }
}

/** Whether `--follow` was given. Throws a UsageError beside `--json`: a stream of output and one value cannot share standard output. */
export function readFollow({
  follow = false,
  json = false,
}: {
  readonly follow?: boolean;
  readonly json?: boolean;
}): boolean {
  if (follow && json) throw new UsageError('Both --follow and --json were given: choose one.');
  return follow;
}
