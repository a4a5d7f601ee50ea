import { type Jail, JailerError, type JailSlot } from '@bullpen/jailer';
import {
  BullpenError,
  type CollectedFile,
  type CommandReport,
  type LayerName,
  makeUnrunReport,
  missingLayers,
  type Receipt,
  type Result,
} from '@bullpen/protocol';
import type { ResultCache } from '../cache/result-cache.ts';
import type { OutputWatcher } from '../follow/kept-output.ts';
import type { WorkerCatalog } from '../host/load-profiles.ts';
import { findMissing, type Floor } from '../probes/floor.ts';
import type { SlotPool } from '../slots.ts';
import { type StopReason, stopReasonOf } from '../stop-reason.ts';
import { collectFiles } from './collect-files.ts';
import type { Refusal } from './hand-over.ts';
import { endWithResult, type JobAttempt, type JobEnding } from './job-attempt.ts';
import { makeReceipt, type WorkerFacts } from './make-receipt.ts';
import { createOutputBudget } from './output-budget.ts';
import { type JobPlan, makeJailRequest, planJob } from './plan-job.ts';
import { runOnce } from './run-once.ts';
import { runCommands, wasInterrupted } from './run-commands.ts';
import { withinBudget } from './within-budget.ts';

/** What processing needs from its worker. */
export interface ProcessJobContext {
  readonly worker: WorkerFacts;
  readonly profiles: WorkerCatalog;
  readonly slots: Pick<SlotPool<JailSlot>, 'take' | 'release' | 'quarantine'>;
  readonly floor: Floor;
  /** When the slot last passed every probe, in milliseconds since the epoch. */
  provenAt(slot: JailSlot): number;
  readonly outputBudgetBytes: number;
  readonly budgetMarginMs: number;
  /** How long a job may wait for a slot, in milliseconds; then it goes back to the queue. */
  readonly slotWaitMs: number;
  /** Null when this worker keeps no results for equal jobs. */
  readonly cache: ResultCache | null;
}

interface JobRun {
  readonly jail: Jail;
  /** What the jail lacks of the worker's floor, or of what the job requires: then nothing was run. */
  readonly missing: readonly LayerName[];
  readonly isBelowFloor: boolean;
  readonly commands: readonly CommandReport[];
  readonly files: readonly CollectedFile[];
  readonly receipt: Receipt;
}

const killGraceMs = 5000;

/** Runs one job from message to result. What the program did is in the result; what Bullpen failed to do is thrown as a BullpenError. */
export async function processJob(context: ProcessJobContext, attempt: JobAttempt): Promise<JobEnding> {
  const startedAt = Date.now();
  const plan = planJob(context.profiles, attempt.message, startedAt);
  const run = (): Promise<JobEnding> => runPlan(context, attempt, { plan, startedAt });
  const { cache } = context;
  if (plan.job.cache === undefined || cache === null || attempt.signal.aborted) return run();
  const runMsMax = context.slotWaitMs + budgetMsOf(context, plan);
  return runOnce(cache, { attempt, plan, startedAt, runMsMax, run });
}

async function runPlan(
  context: ProcessJobContext,
  attempt: JobAttempt,
  { plan, startedAt }: { plan: JobPlan; startedAt: number },
): Promise<JobEnding> {
  const slot = await takeSlot(context, attempt.signal);
  if (slot === 'stopped') return endStopped(attempt, { plan, startedAt, run: null });
  if (slot === 'none') return { kind: 'give-back' };
  const run = await runInSlot(context, plan, { slot, attempt });
  if (run.missing.length > 0) return { kind: 'refused', refusal: makeRefusal(plan, run) };
  if (wasInterrupted(run.commands)) return endStopped(attempt, { plan, startedAt, run });
  return endWithResult(plan, makeResult(attempt, { plan, startedAt, run, state: 'finished' }));
}

function makeRefusal({ job }: JobPlan, { jail, missing, isBelowFloor }: JobRun): Refusal {
  return { profile: job.profile, required: job.requires ?? [], missing, isBelowFloor, layers: jail.layers };
}

function budgetMsOf({ budgetMarginMs }: ProcessJobContext, { wallTimeMs }: JobPlan): number {
  return wallTimeMs + budgetMarginMs;
}

/** A slot, or why there is none: the job is stopped before, or it has waited long enough while slots were in quarantine. */
async function takeSlot(context: ProcessJobContext, signal: AbortSignal): Promise<JailSlot | 'stopped' | 'none'> {
  const overdue = new AbortController();
  const timer = setTimeout(() => overdue.abort(), context.slotWaitMs);
  try {
    return await context.slots.take(AbortSignal.any([signal, overdue.signal]));
  } catch (error) {
    if (signal.aborted) return 'stopped';
    if (overdue.signal.aborted) return 'none';
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Runs the plan and gives the slot back, or out of use when anything about it is in doubt. */
async function runInSlot(
  context: ProcessJobContext,
  plan: JobPlan,
  where: { slot: JailSlot; attempt: JobAttempt },
): Promise<JobRun> {
  const { slot, attempt } = where;
  const budgetMs = budgetMsOf(context, plan);
  try {
    const run = await withinBudget({ budgetMs, killGraceMs, stop: attempt.signal }, (stop) =>
      runInJail(context, plan, { slot, stop, output: attempt.output }),
    );
    // The result does not wait for the proof that the slot is empty; the next job of the slot does.
    void giveBack(context, slot, run.jail);
    return run;
  } catch (error) {
    void context.slots.quarantine(slot);
    throw toFault(error);
  }
}

async function runInJail(
  context: ProcessJobContext,
  plan: JobPlan,
  where: { slot: JailSlot; stop: AbortSignal; output: OutputWatcher | undefined },
): Promise<JobRun> {
  const { slot, stop, output } = where;
  const budget = createOutputBudget(context.outputBudgetBytes);
  const provenAt = context.provenAt(slot);
  const jail = await slot.open(makeJailRequest(plan));
  const receipt = makeReceipt(context.worker, jail, { slot, profile: plan.profile, provenAt });
  // Probes try the jails of a few profiles only, and a profile may lack what others have: its own AppArmor rules.
  const belowFloor = findMissing(context.floor, jail.layers);
  const isBelowFloor = belowFloor !== null;
  const missing = belowFloor ?? missingLayers(plan.job.requires ?? [], jail.layers);
  if (missing.length > 0) return { jail, missing, isBelowFloor, commands: [], files: [], receipt };
  const commands = await runCommands(jail, plan.commands, { stop, budget, output });
  const files = wasInterrupted(commands) ? [] : await collectFiles(jail, plan.job.collect, budget);
  return { jail, missing, isBelowFloor, commands, files, receipt };
}

/** Never rejects: a jail that cannot be closed costs the slot its keeper. */
async function giveBack(context: ProcessJobContext, slot: JailSlot, jail: Jail): Promise<void> {
  try {
    await jail.close();
    context.slots.release(slot);
  } catch {
    await context.slots.quarantine(slot);
  }
}

function toFault(error: unknown): BullpenError {
  if (error instanceof BullpenError) return error;
  if (!(error instanceof JailerError))
    return new BullpenError('internal', `The job could not be run: ${String(error)}`, { cause: error });
  const code = error.step === 'keeper' ? 'slot-lost' : 'jail-failed';
  return new BullpenError(code, error.message, { cause: error });
}

interface EndedJob {
  readonly plan: JobPlan;
  readonly startedAt: number;
  readonly run: JobRun | null;
}

/** The end of a job that did not run to its own end: why it was stopped decides. */
function endStopped(attempt: JobAttempt, ended: EndedJob): JobEnding {
  const reason: StopReason = stopReasonOf(attempt.signal) ?? 'budget-exceeded';
  switch (reason) {
    case 'cancelled':
      return endWithResult(ended.plan, makeResult(attempt, { ...ended, state: 'cancelled' }));
    case 'shutdown':
      return { kind: 'give-back' };
    case 'lock-lost':
      throw new BullpenError(
        'worker-lost',
        'The queue had taken the job for lost while it ran here: its result is not published.',
      );
    case 'jailer-lost':
      throw new BullpenError('slot-lost', 'The jailer ended while the job ran: the worker must be replaced.');
    case 'budget-exceeded':
      throw new BullpenError('budget-exceeded', 'The job was killed because it outlived its budget.');
    default:
      return reason satisfies never;
  }
}

function makeResult(attempt: JobAttempt, ended: EndedJob & { readonly state: Result['state'] }): Result {
  const { plan, run, startedAt, state } = ended;
  return {
    jobId: attempt.jobId,
    profile: plan.job.profile,
    state,
    commands: [...(run?.commands ?? plan.commands.map(() => makeUnrunReport('cancelled')))],
    files: [...(run?.files ?? [])],
    labels: plan.job.labels,
    receipt: run?.receipt ?? null,
    attempt: attempt.attempt,
    ...(plan.digest !== undefined && { digest: plan.digest }),
    submittedAt: plan.submittedAt,
    startedAt,
    finishedAt: Date.now(),
  };
}
