import { randomBytes, randomUUID } from 'node:crypto';
import {
  type Client,
  type JobHandle,
  type JobToSubmit,
  makeSafeExecJob,
  type Policy,
  policyLimits,
  readSafeExec,
  safeExecCommand,
  toLimits,
} from '@bullpen/client';
import type { Profile } from '@bullpen/profiles';
import type { Result } from '@bullpen/protocol';
import type { Admission } from './admission.ts';
import type { Execute, Executed, Execution, ExecutionEnd } from './execution.ts';
import { backlogRefusal, deadlineRefusal, doubtRefusal, fleetRefusal } from './fleet-refusals.ts';

export interface FleetOptions {
  readonly client: Client;
  readonly policy: Policy;
  /** The profile that the policy's code runs in. */
  readonly profile: Profile;
  readonly admission: Admission;
}

type IdentifiedJob = JobToSubmit & { readonly id: string };

/** A second attempt still fits the budget, a third would not. */
const attempts = 2;
/** Nobody but this call reads the result. */
const resultTtlMs = 60_000;
/** How far the clocks of gateway and workers may differ. */
const clockToleranceMs = 10_000;

/**
 * Runs code as interactive jobs of the fleet. A job whose client has gone away or whose budget has ended is cancelled. What went wrong with the fleet
 * is a Refusal, never something that could be taken for what the code did.
 */
export function executeOnFleet(options: FleetOptions): Execute {
  const { admission } = options;
  const secret = randomBytes(32);
  return async (execution, end) => {
    if (!admission.isOpen) throw backlogRefusal();
    try {
      return readResult(await resultOf(makeJob(options, execution, { secret, end }), options, end), admission);
    } catch (error) {
      throw fleetRefusal(error);
    }
  };
}

/**
 * The id is chosen here, so that the job can be cancelled even when it is not known whether it was queued. A job whose gateway died, or that could not be
 * cancelled, is run for nobody: it expires.
 */
function makeJob(
  { policy, profile }: FleetOptions,
  execution: Execution,
  { secret, end }: { readonly secret: Uint8Array; readonly end: ExecutionEnd },
): IdentifiedJob {
  const { codeJson, globalsJson, pythonPath, files, context, slug } = execution;
  const limits = toLimits(policyLimits(policy, context), profile);
  const job = makeSafeExecJob(
    {
      codeJson,
      globalsJson,
      pythonPath,
      extraFiles: [...files],
      limits,
      command: safeExecCommand(policy),
      slug,
      priority: 'interactive',
    },
    secret,
  );
  const expiresAt = new Date(Date.now() + end.budgetMs + clockToleranceMs).toISOString();
  return { ...job, id: `codejail-${randomUUID()}`, attempts, resultTtlMs, expiresAt };
}

async function resultOf(
  job: IdentifiedJob,
  options: FleetOptions,
  { gone, startedMs, budgetMs }: ExecutionEnd,
): Promise<Result> {
  const { client } = options;
  const leftMs = startedMs + budgetMs - performance.now();
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(deadlineRefusal(budgetMs)), Math.max(0, leftMs));
  const signal = AbortSignal.any([gone, stop.signal]);
  const submitting = client.submit(job);
  try {
    const handle = await unlessAborted(submitting, signal);
    leaveHopelessQueue(handle, leftMs, options.admission, stop);
    return await handle.result({ signal });
  } finally {
    clearTimeout(timer);
    if (signal.aborted) cancel(client, job.id, submitting);
  }
}

/** Beside the waiting for the result, which it ends early. What cannot be found out changes nothing. */
function leaveHopelessQueue(handle: JobHandle, leftMs: number, admission: Admission, stop: AbortController): void {
  const look = async (): Promise<void> => {
    if (!(await admission.isCrowded())) return;
    const { position } = await handle.status();
    if (position !== undefined && !admission.admits(position, leftMs)) stop.abort(backlogRefusal());
  };
  look().catch(() => {});
}

/** Nobody waits for it: the client has been answered, or is gone. */
function cancel(client: Client, id: string, submitting: Promise<unknown>): void {
  submitting
    .catch(() => {})
    .then(() => client.job(id).cancel())
    .catch(() => {});
}

async function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function readResult(result: Result, admission: Admission): Executed {
  if (result.doubtful !== undefined) throw doubtRefusal();
  const answer = readSafeExec(result);
  if (result.startedAt !== null) admission.ran(result.finishedAt - result.startedAt);
  return answer.kind === 'globals' ? answer : { kind: 'exception', message: answer.message };
}
