import type { CommandLimits } from '@bullpen/profiles';

/** A file to be put in the work directory before any command runs. */
export interface JailFile {
  readonly path: string;
  readonly mode: number;
  readonly content: Uint8Array;
}

/** What a jail is opened with. The profile is a row of the jailer's own table; nothing here names a UID or a host path. */
export interface JailRequest {
  readonly profileNumber: number;
  readonly diskBytes: number;
  readonly diskFiles: number;
  readonly files: readonly JailFile[];
  /** Directories of the work directory that are to be there besides those of the files, mode 0755. */
  readonly directories?: readonly string[];
}

export interface JailCommand {
  readonly argv: readonly string[];
  /** `NAME=value` strings: the whole environment. */
  readonly env: readonly string[];
  readonly stdin: Uint8Array;
  readonly limits: CommandLimits;
}

/** Why the jailer stopped watching a command: it ended by itself, or the jailer ended it. */
export type EndedBy = 'itself' | 'wall-time' | 'cpu-time' | 'output' | 'kill';

/** Facts about one command, as the jailer measured them; `classifyOutcome` in the worker turns them into an outcome. */
export interface JailReport {
  readonly endedBy: EndedBy;
  /** Null when the program never started. */
  readonly exitCode: number | null;
  /** Signal number, null when it was not killed by a signal. */
  readonly signal: number | null;
  /** errno of exec when the program could not be started, 0 otherwise. */
  readonly startErrno: number;
  readonly wallTimeUs: number;
  readonly userTimeUs: number;
  readonly systemTimeUs: number;
  readonly peakMemoryBytes: number;
  readonly oomKills: number;
  readonly processesRefused: number;
  readonly diskBytes: number;
  readonly diskFiles: number;
  readonly diskFull: boolean;
  readonly stdout: CapturedStream;
  readonly stderr: CapturedStream;
}

export interface CapturedStream {
  readonly bytes: Uint8Array;
  readonly bytesSeen: number;
}

export type CollectAnswer =
  | { readonly state: 'collected'; readonly path: string; readonly mode: number; readonly content: Uint8Array }
  | {
      readonly state: 'refused';
      readonly path: string;
      readonly reason:
        | 'missing'
        | 'not-a-regular-file'
        | 'has-other-links'
        | 'outside-the-work-directory'
        | 'too-large'
        | 'unreadable';
    };

/** What a stream of the running command holds so far. */
export interface RunOutput {
  readonly stream: 'stdout' | 'stderr';
  /** Everything that was kept of it, from its beginning. What comes later leaves these bytes as they are. */
  readonly bytes: Uint8Array;
}

export interface RunOptions {
  /** Kills the command when it is aborted. */
  readonly signal?: AbortSignal;
  /** Told each time that a stream has grown, while the command runs. Must not throw. */
  readonly onOutput?: (output: RunOutput) => void;
}

/** A layer that the jailer measured as active in this jail. */
export interface JailLayer {
  readonly name: string;
  readonly detail: string;
}

/** One open jail. Every method rejects with a JailerError when the jail or the slot is lost. */
export interface Jail {
  readonly layers: readonly JailLayer[];
  /** Runs one command to its end. Aborting `signal` kills it; the report then says `endedBy: 'kill'`. */
  run(command: JailCommand, options?: RunOptions): Promise<JailReport>;
  /** Reads one file of the work directory by the rules of safe collecting; at most `maxBytes`. */
  collect(path: string, maxBytes: number): Promise<CollectAnswer>;
  /** Destroys the jail and waits for the proof that the slot is empty. Closing twice is fine. */
  close(): Promise<void>;
}

/** One slot of the jailer. `open` rejects while another jail of the slot is open. */
export interface JailSlot {
  readonly index: number;
  readonly uid: number;
  open(request: JailRequest, options?: { signal?: AbortSignal }): Promise<Jail>;
  /** Ends the keeper, which destroys the jail with it; the master makes a new one. For slots that no longer answer. */
  replace(): Promise<void>;
}

export interface Jailer {
  readonly version: string;
  readonly slots: readonly JailSlot[];
  /** Resolves when the jailer's process ended, however it ended. */
  readonly ended: Promise<void>;
  /** Ends every jail and every process of the jailer. Closing twice is fine. */
  close(): Promise<void>;
}
