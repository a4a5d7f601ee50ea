import type { Limits } from '@bullpen/profiles';

/** What an operator may choose about the door for codebox's clients. */
export interface CodeboxOptions {
  /** Seconds of a command that names no timeout; 0.2 unless said, as codebox's TIMEOUT. */
  readonly defaultTimeoutSeconds?: number;
  /** Milliseconds that a request's job may wait in the queue before the answer is 503; 30,000 unless said. */
  readonly queueWaitMs?: number;
  /** Bytes of a body; 16 MiB unless said. */
  readonly bodyBytes?: number;
  /** The profile of the jobs; `codebox` unless said. */
  readonly profile?: string;
  /** Limits of the jobs over the profile's defaults. A command's wall time follows its timeout. */
  readonly limits?: Partial<Limits>;
  /** What stands for a program's path of codebox, by that path. */
  readonly programs?: Readonly<Record<string, string>>;
  /** How long the answer about languages is kept, in milliseconds; ten minutes unless said. */
  readonly languagesTtlMs?: number;
}

export type ResolvedCodeboxOptions = Required<CodeboxOptions>;

/** Seconds after which a command is ended that asks for no limit, or for a longer one: what codebox's jail ends it after, too. */
export const longestTimeoutSeconds = 600;

/** Bytes of output that one answer holds at most: as JSON it may still take six times as many. */
export const answerOutputBytes = 16_777_216;

/** What one body may be at most: reading one of this size keeps everybody waiting for about half a second. */
export const largestBodyBytes = 16_777_216;

/**
 * The paths under which codebox's clients name its tools. A bare name is looked up in the profile's PATH, so that the same tool is found in jails
 * that show it at its path of codebox and in jails that have the paths of their host.
 */
const defaultPrograms: Readonly<Record<string, string>> = {
  '/venv/bin/python': 'python3',
  '/venv/bin/python3': 'python3',
  '/venv/bin/pytest': 'pytest',
  '/venv/bin/pip': 'pip',
  '/usr/local/cargo/bin/rustc': 'rustc',
  python: 'python3',
};

/** Fills the defaults. */
export function resolveCodeboxOptions(options: CodeboxOptions): ResolvedCodeboxOptions {
  return {
    defaultTimeoutSeconds: 0.2,
    queueWaitMs: 30_000,
    bodyBytes: largestBodyBytes,
    profile: 'codebox',
    limits: {},
    programs: defaultPrograms,
    languagesTtlMs: 600_000,
    ...options,
  };
}
