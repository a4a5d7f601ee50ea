import type { Limits } from '@bullpen/profiles';
import type { CommandReport, Outcome } from '@bullpen/protocol';
import { showBytes, showMs } from '../output/show-units.ts';

/** A command's end, and what tells which of two bounds it met. */
export type Ending = Pick<CommandReport, 'outcome' | 'stdout' | 'stderr'>;

/** Why a program did not end on its own, as a sentence for people; null when it did. Names the bound when `limits` are known. */
export function explainOutcome({ outcome, stdout, stderr }: Ending, limits: Limits | null): string | null {
  switch (outcome.kind) {
    case 'exited':
    case 'skipped':
      return null;
    case 'signaled':
      return `The program was ended by ${outcome.signal}.`;
    case 'wall-time-exceeded':
      return `The program was ended: it ran longer than ${ofIts(limits && showMs(limits.wallTimeMs))}time (raise it with --timeout).`;
    case 'cpu-time-exceeded':
      return `The program was ended: it used more than ${ofIts(limits && showMs(limits.cpuTimeMs))}CPU time (raise it with --limit cpuTimeMs=N).`;
    case 'memory-exceeded':
      return `The program was ended: it used more than ${ofIts(limits && showBytes(limits.memoryBytes))}memory (raise it with --memory).`;
    case 'output-exceeded':
      // Where jails mount nothing, this is how a limit of the disk ends a command.
      if (!stdout.truncated && !stderr.truncated)
        return 'The program was ended: its files were more than its limits of the disk (raise them with --limit diskBytes=N or diskFiles=N).';
      return `The program was ended: it wrote more than ${ofIts(limits && showBytes(limits.outputBytes))}output (raise it with --limit outputBytes=N).`;
    case 'not-started':
      return `The program could not be started: ${notStarted[outcome.reason]}.`;
    case 'cancelled':
      return 'The program was cancelled.';
    default:
      return neverHappens(outcome);
  }
}

function ofIts(bound: string | null): string {
  return bound === null ? 'its limit of ' : `its ${bound} of `;
}

const notStarted: Readonly<Record<Extract<Outcome, { kind: 'not-started' }>['reason'], string>> = {
  'program-not-found': 'there is no such program in the jail',
  'program-not-executable': 'the file is not executable',
  'program-format-unknown': 'the file is no program of this machine, and names no interpreter',
  'arguments-too-long': 'its arguments are too long',
};

function neverHappens(outcome: never): never {
  throw new Error(`Unknown outcome ${JSON.stringify(outcome)}.`);
}
