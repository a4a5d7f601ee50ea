import { randomBytes, randomUUID } from 'node:crypto';
import { makeSafeExecJob, type Policy, policyLimits, readSafeExec, safeExecCommand, toLimits } from '@bullpen/client';
import type { Catalog, Profile } from '@bullpen/profiles';
import { parseJob, type Result } from '@bullpen/protocol';
import { checkCeilings } from '../keys/check-ceilings.ts';
import { holdPlace } from '../keys/key-quotas.ts';
import type { Admission } from './admission.ts';
import type { Execute, Executed, Execution, ExecutionEnd } from './execution.ts';
import { backlogRefusal, doubtRefusal, fleetRefusal } from './fleet-refusals.ts';
import type { Intake } from './intake.ts';
import { type IdentifiedJob, type RunContext, runInTime } from './run-in-time.ts';

export interface FleetOptions extends RunContext {
  readonly catalog: Catalog;
  readonly policy: Policy;
  readonly intake: Intake;
  /** The profile that the policy's code runs in. */
  readonly profile: Profile;
}

/** A second attempt still fits the budget, a third would not. */
const attempts = 2;
/** Nobody but this call reads the result. */
const resultTtlMs = 60_000;
/** How far the clocks of gateway and workers may differ. */
const clockToleranceMs = 10_000;

/**
 * Runs code as interactive jobs of the fleet, within what the caller's key allows. What went wrong with the fleet is a Refusal, never something that
 * could be taken for what the code did.
 */
export function executeOnFleet(options: FleetOptions): Execute {
  const { admission, intake } = options;
  const secret = randomBytes(32);
  return async (execution, end) => {
    if (!admission.isOpen) throw backlogRefusal();
    const onSubmitted = intake.enter(sizeOf(execution));
    let isOnItsWay = false;
    try {
      const job = makeJob(options, execution, { secret, end });
      requireAllowed(options, job, execution);
      const result = await holdPlace(execution.place, () => {
        isOnItsWay = true;
        return runInTime(job, { ...options, onSubmitted }, end);
      });
      return readResult(result, admission);
    } catch (error) {
      if (!isOnItsWay) onSubmitted();
      throw fleetRefusal(error);
    }
  };
}

function sizeOf({ codeJson, globalsJson, files }: Execution): number {
  return [...files.values()].reduce((sum, { length }) => sum + length, codeJson.length + globalsJson.length);
}

/** A job whose gateway died, or that could not be cancelled, is run for nobody: it expires. */
function makeJob(
  { policy, profile }: FleetOptions,
  execution: Execution,
  { secret, end }: { readonly secret: Uint8Array; readonly end: ExecutionEnd },
): IdentifiedJob {
  const { codeJson, globalsJson, pythonPath, files, context, slug, place } = execution;
  const limits = toLimits(policyLimits(policy, context), profile);
  const command = safeExecCommand(policy);
  const extraFiles = [...files];
  const job = makeSafeExecJob(
    { codeJson, globalsJson, pythonPath, extraFiles, limits, command, slug, priority: 'interactive' },
    secret,
  );
  const expiresAt = new Date(Date.now() + end.budgetMs + clockToleranceMs).toISOString();
  return { ...job, id: place?.jobId ?? `codejail-${randomUUID()}`, attempts, resultTtlMs, expiresAt };
}

/** Throws a Problem `above-key-ceiling`. */
function requireAllowed({ catalog }: FleetOptions, job: IdentifiedJob, { caller }: Execution): void {
  if (caller === undefined || Object.keys(caller.ceilings).length === 0) return;
  checkCeilings(parseJob(job), caller, catalog);
}

function readResult(result: Result, admission: Admission): Executed {
  if (result.doubtful !== undefined) throw doubtRefusal();
  const answer = readSafeExec(result);
  if (result.startedAt !== null) admission.ran(result.finishedAt - result.startedAt);
  return answer.kind === 'globals' ? answer : { kind: 'exception', message: answer.message };
}
