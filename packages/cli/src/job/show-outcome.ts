import type { Outcome } from '@bullpen/protocol';

/** An outcome in a word or two: `exited 0`, `signaled SIGSEGV`, `wall-time-exceeded`. */
export function showOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'exited':
      return `exited ${outcome.exitCode}`;
    case 'signaled':
      return `signaled ${outcome.signal}`;
    case 'not-started':
      return `not-started ${outcome.reason}`;
    default:
      return outcome.kind;
  }
}
