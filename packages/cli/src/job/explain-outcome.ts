import type { Limits } from '@bullpen/profiles';
import type { Outcome } from '@bullpen/protocol';
import { showBytes, showMs } from '../output/show-units.ts';

/** Why a program did not end on its own, as a sentence for people; null when it did. Names the bound when `limits` are known. */
export function explainOutcome(outcome: Outcome, limits: Limits | null): string | null {
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
