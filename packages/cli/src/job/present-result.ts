import type { Limits } from '@bullpen/profiles';
import { type CommandReport, decodeOutput, type Doubtful, type Result } from '@bullpen/protocol';
import { exitCodeOfOutcome, exitCodes } from '../exit-code.ts';
import { printJson, say, writeAll } from '../output/write-all.ts';
import { decisiveReport } from './decisive-report.ts';
import { explainOutcome } from './explain-outcome.ts';

export interface PresentOptions {
  readonly json: boolean;
  /** Whose output is printed: only of the command that decided (a compiler stays silent unless it failed), or of all. */
  readonly output: 'decisive' | 'all';
  /** Whether the output of the command with this index was printed while it ran. */
  isPrinted?(index: number): boolean;
  /** The limits of the command with this index, for the sentence about a limit; null when they are not known. */
  limitsOf(index: number): Limits | null;
}

/** Prints a result as its program printed it, or as JSON, and returns the exit code that stands for it. */
export async function presentResult(result: Result, options: PresentOptions): Promise<number> {
  const decisive = decisiveReport(result);
  if (options.json) await printJson(result);
  else await printOutputs(chooseReports(result, decisive, options));
  if (result.doubtful !== undefined) say(explainDoubt(result.doubtful));
  if (result.state === 'cancelled') {
    say('The job was cancelled.');
    return exitCodes.cancelled;
  }
  if (decisive === null) return exitCodes.success;
  const why = explainOutcome(decisive.report, options.limitsOf(decisive.index));
  if (why !== null) say(why);
  return exitCodeOfOutcome(decisive.report.outcome);
}

function chooseReports(
  { commands }: Result,
  decisive: ReturnType<typeof decisiveReport>,
  { output, isPrinted }: PresentOptions,
): readonly CommandReport[] {
  const isChosen = (index: number): boolean => output === 'all' || decisive === null || index === decisive.index;
  return commands.filter((_report, index) => isChosen(index) && isPrinted?.(index) !== true);
}

function explainDoubt({ since, probe }: Doubtful): string {
  return `This result is in doubt: a probe of its worker ("${probe}") has failed since, for the first time after ${new Date(since).toISOString()}.`;
}

async function printOutputs(reports: readonly CommandReport[]): Promise<void> {
  for (const { stdout, stderr } of reports) {
    await writeAll(process.stdout, decodeOutput(stdout));
    await writeAll(process.stderr, decodeOutput(stderr));
  }
}
