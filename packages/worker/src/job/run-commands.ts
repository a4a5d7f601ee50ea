import type { Jail } from '@bullpen/jailer';
import { type CommandReport, decodeBytes, makeUnrunReport, type ResolvedCommand } from '@bullpen/protocol';
import { makeReport } from './make-report.ts';
import type { OutputBudget } from './output-budget.ts';

/**
 * Runs a job's commands one after another in its jail. After one that asked for it failed, the rest is `skipped`; once `stop` is
 * aborted, the command that runs is killed and the rest is `cancelled`.
 */
export async function runCommands(
  jail: Pick<Jail, 'run'>,
  commands: readonly ResolvedCommand[],
  context: { readonly stop: AbortSignal; readonly budget: OutputBudget },
): Promise<readonly CommandReport[]> {
  const reports: CommandReport[] = [];
  let hasFailed = false;
  for (const command of commands) {
    if (hasFailed || context.stop.aborted) {
      reports.push(makeUnrunReport(hasFailed ? 'skipped' : 'cancelled'));
      continue;
    }
    const report = await runCommand(jail, command, context);
    reports.push(report);
    hasFailed = command.stopOnFailure && !isSuccess(report) && report.outcome.kind !== 'cancelled';
  }
  return reports;
}

async function runCommand(
  jail: Pick<Jail, 'run'>,
  { argv, env, stdin, limits }: ResolvedCommand,
  { stop, budget }: { readonly stop: AbortSignal; readonly budget: OutputBudget },
): Promise<CommandReport> {
  const report = await jail.run({ argv, env, stdin: decodeBytes(stdin), limits }, { signal: stop });
  return makeReport(report, limits, budget);
}

function isSuccess({ outcome }: CommandReport): boolean {
  return outcome.kind === 'exited' && outcome.exitCode === 0;
}

/** Whether a stop kept the commands from running to their own end. */
export function wasInterrupted(reports: readonly CommandReport[]): boolean {
  return reports.some(({ outcome }) => outcome.kind === 'cancelled');
}
