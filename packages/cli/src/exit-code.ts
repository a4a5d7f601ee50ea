import { constants } from 'node:os';
import type { ErrorCode, Outcome, OutcomeKind } from '@bullpen/protocol';

/** Exit codes of `bullpen` itself. A program that exits by itself passes its own code through. */
export const exitCodes = {
  success: 0,
  /** Something was checked and found different: a failed test, a demo outcome against its expectation, a layer below the floor. */
  failure: 1,
  /** Unknown flags, bad values, a job that cannot be right. */
  usage: 2,
  /** A time limit ended the program, as `timeout` of coreutils says it. */
  timeExceeded: 124,
  /** Bullpen failed, or the program could not be started. Never the program's own doing. */
  fault: 125,
  cancelled: 130,
  /** A limit of memory or output ended the program, as if by signal 9. */
  killed: 137,
} as const;

const byOutcome: Readonly<Record<Exclude<OutcomeKind, 'exited' | 'signaled'>, number>> = {
  'wall-time-exceeded': exitCodes.timeExceeded,
  'cpu-time-exceeded': exitCodes.timeExceeded,
  'memory-exceeded': exitCodes.killed,
  'output-exceeded': exitCodes.killed,
  'not-started': exitCodes.fault,
  cancelled: exitCodes.cancelled,
  skipped: exitCodes.fault,
};

const byError: Readonly<Record<ErrorCode, number>> = {
  'invalid-job': exitCodes.usage,
  'unknown-profile': exitCodes.usage,
  'limit-above-ceiling': exitCodes.usage,
  'profile-unavailable': exitCodes.fault,
  'confinement-refused': exitCodes.fault,
  'id-taken': exitCodes.usage,
  expired: exitCodes.fault,
  'jail-failed': exitCodes.fault,
  'slot-lost': exitCodes.fault,
  'worker-lost': exitCodes.fault,
  'budget-exceeded': exitCodes.fault,
  'redis-unavailable': exitCodes.fault,
  'client-closed': exitCodes.fault,
  'result-missing': exitCodes.fault,
  internal: exitCodes.fault,
};

/** The exit code that stands for how a program ended: its own, 128 + the signal's number, or one of `exitCodes`. */
export function exitCodeOfOutcome(outcome: Outcome): number {
  if (outcome.kind === 'exited') return outcome.exitCode;
  if (outcome.kind === 'signaled') return 128 + signalNumber(outcome.signal);
  return byOutcome[outcome.kind];
}

/** The exit code that stands for a failure of Bullpen or a refused job. */
export function exitCodeOfError(code: ErrorCode): number {
  return byError[code];
}

/** Signals travel by name; one that Node has no name for (a real-time signal) as `SIG` and its number. */
function signalNumber(name: string): number {
  const known = (constants.signals as Readonly<Record<string, number>>)[name];
  return known ?? (Number(/\d+$/.exec(name)?.[0] ?? 9) || 9);
}
