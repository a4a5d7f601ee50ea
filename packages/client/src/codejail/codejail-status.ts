import { constants } from 'node:os';
import { BullpenError, type Outcome } from '@bullpen/protocol';

/**
 * The status that codejail gives for an outcome: the exit code, or the negative number of the signal that ended the program. What a limit ended has
 * the number of the signal that codejail's own limit sends: -24 (SIGXCPU) for CPU time, -9 (SIGKILL) for wall time. Memory and output, which codejail
 * does not bound for a whole run, are -9 too. A program that could not be started is 1, as sudo says it. Throws BullpenError `internal`
 * for commands that never were to run.
 */
export function codejailStatus(outcome: Outcome): number {
  switch (outcome.kind) {
    case 'exited':
      return outcome.exitCode;
    case 'signaled':
      return -signalNumber(outcome.signal);
    case 'cpu-time-exceeded':
      return -constants.signals.SIGXCPU;
    case 'wall-time-exceeded':
    case 'memory-exceeded':
    case 'output-exceeded':
      return -constants.signals.SIGKILL;
    case 'not-started':
      return 1;
    case 'cancelled':
    case 'skipped':
      throw new BullpenError('internal', `A command that was ${outcome.kind} has no status.`);
    default:
      return outcome satisfies never;
  }
}

/** The inverse of `signalName`, which calls signals without a name by their number. */
function signalNumber(name: string): number {
  const numbers: Readonly<Record<string, number>> = constants.signals;
  return numbers[name] ?? Number(name.replace('SIG', ''));
}
