import type { Outcome } from '@bullpen/protocol';
import type { SafeExecFailure } from './read-safe-exec.ts';

/** Facts about a run that failed. */
export interface SafeExecEnding {
  /** As in `SafeExecFailure`; `wrong-globals` when the globals are not what the schema of the call asks for. */
  readonly reason: SafeExecFailure['reason'] | 'wrong-globals';
  /** Exit code, or the negative number of the signal that ended the program, as codejail gives it. */
  readonly status: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly outcome: Outcome;
  readonly jobId: string;
}

/** What the code of a `safe_exec` did wrong. What went wrong on our side is a BullpenError instead. */
export class SafeExecException extends Error {
  override readonly name = 'SafeExecException';
  readonly reason: SafeExecEnding['reason'];
  readonly status: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly outcome: Outcome;
  readonly jobId: string;

  constructor(message: string, ending: SafeExecEnding, options?: ErrorOptions) {
    super(message, options);
    this.reason = ending.reason;
    this.status = ending.status;
    this.stdout = ending.stdout;
    this.stderr = ending.stderr;
    this.outcome = ending.outcome;
    this.jobId = ending.jobId;
  }

  /** Python's own account from `Traceback` on, or null when there is none, as for a run that a limit ended. */
  get traceback(): string | null {
    const text = Buffer.from(this.stderr).toString('utf8');
    const start = text.indexOf('Traceback (most recent call last):');
    return start === -1 ? null : text.slice(start);
  }
}
