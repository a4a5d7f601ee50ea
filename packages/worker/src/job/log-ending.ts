import { BullpenError, errorCodes, type Result } from '@bullpen/protocol';
import type { Logger } from '../log.ts';
import { summarize } from './summarize.ts';

export interface EndedJob {
  readonly result: Result;
  /** Characters of the published text. */
  readonly resultBytes: number;
  /** From taking the job to having published its result, in milliseconds. */
  readonly durationMs: number;
}

/** The one line that a finished job leaves in the log: what happened and how long it took, never what its programs read or wrote. */
export function logEnding(logger: Logger, { result, resultBytes, durationMs }: EndedJob): void {
  const { state, outcomes } = summarize(result);
  logger.info(
    {
      profile: result.profile,
      state,
      outcomes,
      slot: result.receipt?.slot ?? null,
      durationMs,
      waitedMs: Math.max(0, (result.startedAt ?? result.finishedAt) - result.submittedAt),
      wallTimeMs: Math.round(result.commands.reduce((sum, { usage }) => sum + usage.wallTimeMs, 0)),
      peakMemoryBytes: Math.max(0, ...result.commands.map(({ usage }) => usage.peakMemoryBytes)),
      files: result.files.length,
      resultBytes,
    },
    'job ended',
  );
}

/**
 * The line of a job that Bullpen refused (`info`, and only the code: the sentence quotes the job, and its producer hears it) or failed
 * (`error`: a human should look).
 */
export function logFault(logger: Logger, error: unknown, durationMs: number): void {
  const code = error instanceof BullpenError ? error.code : 'internal';
  if (errorCodes[code].fault) logger.error({ code, durationMs, err: error }, 'job failed');
  else logger.info({ code, durationMs }, 'job refused');
}
