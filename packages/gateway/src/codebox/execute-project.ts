import { BullpenError, type CommandReport, type Result } from '@bullpen/protocol';
import type { JobToSubmit } from '@bullpen/client';
import type { ResolvedCodeboxOptions } from './codebox-options.ts';
import { placeSources } from './place-sources.ts';
import { makeProjectJob, type PlannedCommand, planCommands } from './plan-project.ts';
import { type Answer, makeUnrunAnswer, type Project } from './project.ts';
import { readAnswer } from './read-answer.ts';

/** Runs a job to its result. */
export type RunProjectJob = (job: JobToSubmit) => Promise<Result>;

/**
 * Answers for every command of a project, in their order; or for every source that cannot be a file, and then no command is run. Throws what
 * `run` throws: our failures are nobody's exit code.
 */
export async function executeProject(
  { sources, commands }: Project,
  options: ResolvedCodeboxOptions,
  run: RunProjectJob,
): Promise<readonly Answer[]> {
  const placement = placeSources(sources);
  if (placement.kind === 'refused') return placement.problems.map((problem) => makeUnrunAnswer(-1, problem));
  const planned = planCommands(commands);
  const job = makeProjectJob(placement.files, planned, options);
  const reports = job === null ? [] : (await run(job)).commands;
  return answersOf(planned, reports);
}

function answersOf(planned: readonly PlannedCommand[], reports: readonly CommandReport[]): readonly Answer[] {
  const rest = reports.values();
  return planned.map((command) => {
    if (command.kind === 'answered') return command.answer;
    const report = rest.next().value;
    if (report === undefined)
      throw new BullpenError('internal', 'A command of the request has no report: send it again.');
    return readAnswer(report, command.timeoutSeconds);
  });
}
