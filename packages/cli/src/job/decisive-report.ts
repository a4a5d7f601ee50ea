import type { CommandReport, Result } from '@bullpen/protocol';

/** The report that says how a job went: the first command that did not exit with 0, else the last one; null for a job without any. */
export function decisiveReport(result: Result): { readonly index: number; readonly report: CommandReport } | null {
  const failed = result.commands.findIndex(({ outcome }) => outcome.kind !== 'exited' || outcome.exitCode !== 0);
  const index = failed >= 0 ? failed : result.commands.length - 1;
  const report = result.commands[index];
  return report === undefined ? null : { index, report };
}
