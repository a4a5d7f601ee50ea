import type { Jail } from '@bullpen/jailer';
import { type CommandReport, decodeBytes, makeUnrunReport, type ResolvedCommand } from '@bullpen/protocol';
import type { OutputWatcher } from '../follow/kept-output.ts';
import { makeReport } from './make-report.ts';
import { certainRooms, type OutputBudget } from './output-budget.ts';

export interface RunCommandsContext {
  readonly stop: AbortSignal;
  readonly budget: OutputBudget;
  /** Told what is written; nobody unless said. */
  readonly output?: OutputWatcher | undefined;
}

/**
 * Runs a job's commands one after another in its jail. After one that asked for it failed, the rest is `skipped`; once `stop` is
 * aborted, the command that runs is killed and the rest is `cancelled`.
 */
export async function runCommands(
  jail: Pick<Jail, 'run'>,
  commands: readonly ResolvedCommand[],
  context: RunCommandsContext,
): Promise<readonly CommandReport[]> {
  const reports: CommandReport[] = [];
  let hasFailed = false;
  for (const [index, command] of commands.entries()) {
    if (hasFailed || context.stop.aborted) {
      reports.push(makeUnrunReport(hasFailed ? 'skipped' : 'cancelled'));
      continue;
    }
    const report = await runCommand(jail, { command, index }, context);
    reports.push(report);
    context.output?.ended(index, report);
    hasFailed = command.stopOnFailure && !isSuccess(report) && report.outcome.kind !== 'cancelled';
  }
  return reports;
}

async function runCommand(
  jail: Pick<Jail, 'run'>,
  { command, index }: { readonly command: ResolvedCommand; readonly index: number },
  { stop, budget, output }: RunCommandsContext,
): Promise<CommandReport> {
  const { argv, env, stdin, limits } = command;
  // Nobody is told what the report may not keep.
  const room = certainRooms(budget.left, limits.outputBytes);
  const report = await jail.run(
    { argv, env, stdin: decodeBytes(stdin), limits },
    { signal: stop, onOutput: ({ stream, bytes }) => output?.wrote(index, stream, bytes.subarray(0, room[stream])) },
  );
  return makeReport(report, limits, budget);
}

function isSuccess({ outcome }: CommandReport): boolean {
  return outcome.kind === 'exited' && outcome.exitCode === 0;
}

/** Whether a stop kept the commands from running to their own end. */
export function wasInterrupted(reports: readonly CommandReport[]): boolean {
  return reports.some(({ outcome }) => outcome.kind === 'cancelled');
}
