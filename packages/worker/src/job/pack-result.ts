import { BullpenError, type OutcomeKind, type Result } from '@bullpen/protocol';
import { describeEnding, type EndingFacts } from './log-ending.ts';
import { lastOutcome, type ResultSummary, summarize } from './summarize.ts';

/** A result on its way to Redis. The result itself, which may be large, need not be kept beside its bytes. */
export interface PackedResult {
  readonly bytes: Buffer;
  readonly summary: ResultSummary;
  readonly facts: EndingFacts;
  /** What the job counts as. */
  readonly outcome: OutcomeKind;
}

/** More than everything but the output can take: reports of 64 commands, paths of 256 files, labels, the receipt, slack of short texts. */
const envelopeBytes = 2_097_152;

/** The most that a result has as JSON when its streams and files have `outputBudgetBytes` together: base64 of them, and the rest. */
export function resultBytesMax(outputBudgetBytes: number): number {
  return Math.ceil(outputBudgetBytes / 3) * 4 + envelopeBytes;
}

/** Renders a result. Throws BullpenError `internal` when it has more than `resultBytesMax`: something was kept that the budget did not count. */
export function packResult(result: Result, outputBudgetBytes: number): PackedResult {
  // As bytes it is written to Redis as it is; a string would be copied into the text of the whole command first.
  const bytes = Buffer.from(JSON.stringify(result));
  const bytesMax = resultBytesMax(outputBudgetBytes);
  if (bytes.byteLength > bytesMax) {
    throw new BullpenError(
      'internal',
      `The result has ${bytes.byteLength} bytes, more than the ${bytesMax} that follow from outputBudgetBytes ${outputBudgetBytes}: it is not published.`,
    );
  }
  return { bytes, summary: summarize(result), facts: describeEnding(result), outcome: lastOutcome(result) };
}
