import type { Caller } from '../keys/caller.ts';
import type { Place } from '../keys/key-quotas.ts';

/** One run of safe_exec that somebody asks the door for, or that the door makes to check its fleet. */
export interface Execution {
  /** The code, as a JSON string. */
  readonly codeJson: string;
  /** The globals, as a JSON object in Python's dialect. */
  readonly globalsJson: string;
  readonly pythonPath: readonly string[];
  /** Files of the work directory by name. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** Whose limits to use; null means the default limits. */
  readonly context: string | null;
  readonly slug: string | null;
  /** Whose key bounds it; absent for the door's own checks, and where nobody has a key. */
  readonly caller?: Caller | undefined;
  /** Where its job is counted, under the id that it must have; absent where jobs are not counted. */
  readonly place?: Place | undefined;
}

/** What the code did: ended, and these are its globals as a JSON object; or did not, and this is codejail's text about it. */
export type Executed =
  | { readonly kind: 'globals'; readonly globalsJson: string }
  | { readonly kind: 'exception'; readonly message: string };

/** When an execution is no longer wanted. */
export interface ExecutionEnd {
  /** Aborted when the client has gone away. */
  readonly gone: AbortSignal;
  /** From when, by `performance.now()`, and how long it may take until it must be answered, in milliseconds. */
  readonly startedMs: number;
  readonly budgetMs: number;
}

/** Runs code on the fleet. Rejects with a Refusal when the fleet could not do it, whatever the code was; then the job is cancelled. */
export type Execute = (execution: Execution, end: ExecutionEnd) => Promise<Executed>;
