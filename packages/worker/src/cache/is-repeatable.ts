import type { CommandReport, Outcome, Result } from '@bullpen/protocol';

/**
 * Signals that a program brings upon itself. The others may come from the host: SIGKILL from its OOM killer, SIGTERM from its operator, SIGBUS from
 * its want of memory, SIGXCPU from how busy it is.
 */
const ownSignals: ReadonlySet<string> = new Set([
  'SIGABRT',
  'SIGALRM',
  'SIGFPE',
  'SIGILL',
  'SIGPIPE',
  'SIGSEGV',
  'SIGSYS',
  'SIGTRAP',
  'SIGXFSZ',
]);

/** What shells answer for a child that SIGKILL or SIGXCPU ended: where there is no cgroup nothing else tells of it. */
const shellsWordsForKilled: ReadonlySet<number> = new Set([128 + 9, 128 + 24]);

/**
 * Whether running the job once more could only have the same end: nothing of it hangs on how busy, how full or how well this host was. What the
 * program makes of clocks and chance is for its producer to know, who asked for the cache.
 */
export function isRepeatable({ state, commands, files }: Pick<Result, 'state' | 'commands' | 'files'>): boolean {
  return (
    state === 'finished' &&
    commands.every(isRepeatableReport) &&
    // Too large may mean too large for what the output budget of this worker had left.
    files.every((file) => file.state === 'collected' || (file.reason !== 'too-large' && file.reason !== 'unreadable'))
  );
}

function isRepeatableReport({ outcome, stdout, stderr, pressure }: CommandReport): boolean {
  const isFree = pressure.processesRefused === 0 && !pressure.diskFull && pressure.oomKills === 0;
  return isFree && !stdout.truncated && !stderr.truncated && isRepeatableOutcome(outcome);
}

function isRepeatableOutcome(outcome: Outcome): boolean {
  switch (outcome.kind) {
    case 'exited':
      return !shellsWordsForKilled.has(outcome.exitCode);
    case 'signaled':
      return ownSignals.has(outcome.signal);
    case 'not-started':
    case 'skipped':
      return true;
    case 'wall-time-exceeded':
    case 'cpu-time-exceeded':
    case 'memory-exceeded':
    case 'output-exceeded':
    case 'cancelled':
      return false;
    default:
      return outcome satisfies never;
  }
}
