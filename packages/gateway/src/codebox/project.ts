/** One command of a request, checked. */
export interface ProjectCommand {
  readonly words: readonly string[];
  /** Null and missing are the same here: nothing to read. */
  readonly stdin: string;
  /** Null asks for no limit. Never NaN; zero and negatives are over before they begin. */
  readonly timeoutSeconds: number | null;
}

/** What a client of codebox asks for. */
export interface Project {
  /** Text by path, in the order of the request; paths as they were sent. */
  readonly sources: ReadonlyMap<string, string>;
  readonly commands: readonly ProjectCommand[];
}

/** What a client of codebox is told about one command, or about one file that could not be written. Keys in this order. */
export interface Answer {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit_code: number;
  readonly elapsed_time: number;
}

/** An answer about something that never ran. */
export function makeUnrunAnswer(exitCode: number, stderr: string): Answer {
  return { stdout: '', stderr, exit_code: exitCode, elapsed_time: 0 };
}
