import { constants } from 'node:os';
import { BullpenError } from './errors.ts';
import type { notStartedReasons, Outcome } from './outcome.ts';
import { signalName } from './signal-name.ts';

/** What was measured about one command, and the two limits that the measures are compared with. */
export interface CommandFacts {
  /** What ended it: the program itself (or the kernel), or the jailer for one of its reasons. */
  readonly endedBy: 'itself' | 'wall-time' | 'cpu-time' | 'output' | 'kill';
  readonly exitCode: number | null;
  readonly signal: number | null;
  /** errno of exec; 0 when the program started. */
  readonly startErrno: number;
  /** Processes of the jail that the kernel killed for memory while the command ran. */
  readonly oomKills: number;
  /** User and system time of the whole tree. */
  readonly cpuTimeMs: number;
  readonly cpuLimitMs: number;
  /** Bytes written, kept or not; the larger one of stdout and stderr. */
  readonly outputBytesSeen: number;
  readonly outputLimitBytes: number;
}

type Rule = (facts: CommandFacts) => Outcome | null;

/**
 * One rule per cause, tried in this order; the first that applies is the outcome. So when causes fire together:
 *
 * 1. cancelled: whoever asked for it does not want to hear of anything else.
 * 2. not-started: nothing of the program ran, so nothing below can be its doing.
 * 3. output: too much output is counted exactly, and flooding programs are slow, large and killed as a consequence.
 * 4. memory: the kernel killed a process of the tree. What follows from that, a parent that waits for a dead child until the wall
 *    limit or that exits with 137, is a consequence; the author must hear the cause.
 * 5. CPU before wall: the jailer ends a command for one of the two only, so they meet only where the kernel's own CPU limit killed
 *    a child and the parent waited on until the wall limit; then the CPU time is what the author must mend.
 * 6. wall time.
 * 7. signaled, exited: nothing above happened; the program ended in its own way.
 */
const rules: readonly Rule[] = [
  cancelled,
  notStarted,
  outputExceeded,
  memoryExceeded,
  cpuTimeExceeded,
  wallTimeExceeded,
  signaled,
  exited,
];

/** Names the way a command ended. Pure; throws `internal` only for facts that no command can have. */
export function classifyOutcome(facts: CommandFacts): Outcome {
  for (const rule of rules) {
    const outcome = rule(facts);
    if (outcome !== null) return outcome;
  }
  throw new BullpenError(
    'internal',
    'a command must have ended by a signal, an exit code or the jailer, got none of them',
  );
}

function cancelled({ endedBy }: CommandFacts): Outcome | null {
  return endedBy === 'kill' ? { kind: 'cancelled' } : null;
}

type NotStartedReason = (typeof notStartedReasons)[number];

/** An interpreter named by `#!` that is missing answers ENOENT too: to its author the program is not found either way. */
const startErrors: readonly (readonly [errno: number, reason: NotStartedReason])[] = [
  [constants.errno.ENOENT, 'program-not-found'],
  [constants.errno.ENOTDIR, 'program-not-found'],
  [constants.errno.EACCES, 'program-not-executable'],
  [constants.errno.ENOEXEC, 'program-format-unknown'],
  [constants.errno.E2BIG, 'arguments-too-long'],
];

function notStarted({ startErrno }: CommandFacts): Outcome | null {
  if (startErrno === 0) return null;
  const known = startErrors.find(([errno]) => errno === startErrno);
  return { kind: 'not-started', reason: known?.[1] ?? 'program-not-executable' };
}

/** Also when the program ended by itself before the jailer could end it: the count decides, not the race. */
function outputExceeded({ endedBy, outputBytesSeen, outputLimitBytes }: CommandFacts): Outcome | null {
  return endedBy === 'output' || outputBytesSeen > outputLimitBytes ? { kind: 'output-exceeded' } : null;
}

function memoryExceeded({ oomKills }: CommandFacts): Outcome | null {
  return oomKills > 0 ? { kind: 'memory-exceeded' } : null;
}

/** The kernel compares its own limit with a coarser clock than the one that measured, so its signal may come a little early. */
const KERNEL_CLOCK_SHARE = 0.9;

function cpuTimeExceeded({ endedBy, signal, cpuTimeMs, cpuLimitMs }: CommandFacts): Outcome | null {
  const byKernel =
    (signal === constants.signals.SIGXCPU && cpuTimeMs >= cpuLimitMs * KERNEL_CLOCK_SHARE) ||
    (signal === constants.signals.SIGKILL && cpuTimeMs >= cpuLimitMs);
  return endedBy === 'cpu-time' || byKernel ? { kind: 'cpu-time-exceeded' } : null;
}

function wallTimeExceeded({ endedBy }: CommandFacts): Outcome | null {
  return endedBy === 'wall-time' ? { kind: 'wall-time-exceeded' } : null;
}

function signaled({ signal }: CommandFacts): Outcome | null {
  return signal === null ? null : { kind: 'signaled', signal: signalName(signal) };
}

function exited({ exitCode }: CommandFacts): Outcome | null {
  return exitCode === null ? null : { kind: 'exited', exitCode };
}
