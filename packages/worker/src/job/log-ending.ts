import { BullpenError, type ErrorCode, errorCodes, type Result } from '@bullpen/protocol';
import type { Logger } from '../log.ts';
import { type ResultSummary, summarize } from './summarize.ts';

/** What the log says of a result: ids, sizes, kinds and durations, never what a program read or wrote. */
export interface EndingFacts extends ResultSummary {
  readonly profile: string;
  readonly slot: number | null;
  readonly waitedMs: number;
  readonly wallTimeMs: number;
  readonly peakMemoryBytes: number;
  readonly files: number;
}

export function describeEnding(result: Result): EndingFacts {
  return {
    profile: result.profile,
    ...summarize(result),
    slot: result.receipt?.slot ?? null,
    waitedMs: Math.max(0, (result.startedAt ?? result.finishedAt) - result.submittedAt),
    wallTimeMs: Math.round(result.commands.reduce((sum, { usage }) => sum + usage.wallTimeMs, 0)),
    peakMemoryBytes: Math.max(0, ...result.commands.map(({ usage }) => usage.peakMemoryBytes)),
    files: result.files.length,
  };
}

/** The one line that a finished job leaves in the log. `durationMs` is from taking the job to having published its result. */
export function logEnding(
  logger: Logger,
  facts: EndingFacts,
  published: { readonly resultBytes: number; readonly durationMs: number },
): void {
  logger.info({ ...facts, ...published }, 'job ended');
}

/**
 * The line of a job that Bullpen refused (`info`, and only the code: the sentence quotes the job, and its producer hears it) or failed
 * (`error`: a human should look).
 */
export function logFault(logger: Logger, error: unknown, durationMs: number): void {
  const code = faultCode(error);
  if (errorCodes[code].fault) logger.error({ code, durationMs, err: error }, 'job failed');
  else logger.info({ code, durationMs }, 'job refused');
}

/** The code that a job fails with when this was thrown. */
export function faultCode(error: unknown): ErrorCode {
  return error instanceof BullpenError ? error.code : 'internal';
}
