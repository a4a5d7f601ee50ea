import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { exitCodes } from './exit-code.ts';
import { onInterrupt } from './on-interrupt.ts';

const setpriv = '/usr/bin/setpriv';

/** How a child process ended. */
export interface ChildEnding {
  /** Null when a signal ended it or it never started. */
  readonly exitCode: number | null;
  /** What stands behind the program's name in a sentence, for people: `exited with 1`; null when it exited with 0. */
  readonly failure: string | null;
}

/** A running child process. */
export interface Child {
  /** Resolves once its streams are closed, too. Never rejects. */
  readonly ended: Promise<ChildEnding>;
  /** Resolves with what the child says first over its channel; never when it has none or ends in silence. */
  readonly firstMessage: Promise<unknown>;
  /** False when it has ended, or has become a user that we may not send signals to. */
  kill(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): boolean;
  /** Says something over its channel; silently nothing when there is none or it was closed. */
  send(message: string): void;
  /** Closes its channel, as our own end would. */
  disconnect(): void;
}

export interface ChildOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly identity?: { readonly uid: number; readonly gid: number } | undefined;
  /** In a process group of its own: a Ctrl-C on the terminal then reaches it only through us. */
  readonly ownGroup?: boolean;
  /**
   * The kernel kills it when this process ends, however it ends. (Not for a program that changes its user: that clears the wish.)
   * Without setpriv, which Debian's and most other systems have, a child survives our own SIGKILL.
   */
  readonly diesWithUs?: boolean;
  /** Gives the child, a Node program, a channel to us: it can say things, and sees when we are gone. */
  readonly channel?: boolean;
  /** Gets each line of the stream; `inherit` gives the child our own stream. */
  readonly stdout: 'inherit' | 'ignore' | ((line: string) => void);
  readonly stderr: 'inherit' | 'ignore' | ((line: string) => void);
}

/**
 * Starts a program and returns at once. One in a group of its own outlives this process unless `diesWithUs` or its channel ends it; an
 * interrupt of this process ends any other, and this process with it. The cli's only door to other processes.
 */
export function startChild(file: string, args: readonly string[], options: ChildOptions): Child {
  const command = options.diesWithUs && existsSync(setpriv) ? [setpriv, '--pdeathsig', 'KILL', '--'] : [];
  const child = launch([...command, file, ...args], options);
  if (child instanceof Error) return makeUnstarted(child);
  hearLines(child.stdout, options.stdout);
  hearLines(child.stderr, options.stderr);
  const ended = awaitEnd(child);
  if (options.ownGroup !== true) endWithUs(child, ended);
  return {
    ended,
    firstMessage: new Promise((resolve) => child.once('message', resolve)),
    kill(signal) {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return false;
      try {
        return process.kill(child.pid, signal);
      } catch {
        return false; // it has ended, or we may not
      }
    },
    send(message) {
      if (child.connected) child.send(message, () => {}); // it has ended: nobody to tell
    },
    disconnect() {
      if (child.connected) child.disconnect();
    },
  };
}

/** Node reports some reasons why a program cannot be started by an event, and throws the others. */
function launch([program = '', ...words]: readonly string[], options: ChildOptions): ChildProcess | Error {
  const stdio: StdioOptions = ['ignore', streamOf(options.stdout), streamOf(options.stderr)];
  try {
    return spawn(program, words, {
      env: definedOnly(options.env),
      cwd: options.cwd,
      ...options.identity,
      detached: options.ownGroup ?? false,
      stdio: options.channel === true ? [...stdio, 'ipc'] : stdio,
      serialization: 'json',
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function makeUnstarted(error: Error): Child {
  return {
    ended: Promise.resolve({ exitCode: null, failure: describeStart(error) }),
    firstMessage: new Promise(() => {}),
    kill: () => false,
    send() {},
    disconnect() {},
  };
}

function awaitEnd(child: ChildProcess): Promise<ChildEnding> {
  const { promise, resolve } = Promise.withResolvers<ChildEnding>();
  // Also emitted for a signal that could not be sent, which is no end.
  child.on('error', (error) => {
    if (child.pid === undefined) resolve({ exitCode: null, failure: describeStart(error) });
  });
  // Not `close`: Node never emits it for a child whose channel we have closed.
  child.once('exit', (exitCode, signal) => {
    const failure = signal === null ? `exited with ${exitCode}` : `was ended by ${signal}`;
    const ending = { exitCode, failure: exitCode === 0 ? null : failure };
    void Promise.all([closed(child.stdout), closed(child.stderr)]).then(() => resolve(ending));
  });
  return promise;
}

async function closed(stream: Readable | null): Promise<void> {
  if (stream !== null && !stream.closed) await once(stream, 'close');
}

function describeStart(error: Error): string {
  return `could not be started: ${error.message}`;
}

function endWithUs(child: ChildProcess, ended: Promise<unknown>): void {
  const leave = (): never => process.exit(exitCodes.cancelled);
  const end = (): void => void child.kill('SIGTERM');
  const forget = onInterrupt({ first: leave, second: leave });
  process.once('exit', end);
  void ended.then(() => {
    forget();
    process.off('exit', end);
  });
}

/** Runs a short program to its end and returns what it wrote to stdout. Rejects with the program's own last words when it fails. */
export async function readProgram(file: string, args: readonly string[], timeoutMs: number): Promise<string> {
  // Loaded for the few commands that read programs: it takes longer than all of this command line together.
  const { execa } = await import('execa');
  const result = await execa(file, [...args], {
    stdin: 'ignore',
    timeout: timeoutMs,
    reject: false,
    maxBuffer: 1_000_000,
  });
  if (result.failed)
    throw new Error(result.stderr.trim().split('\n').at(-1) || result.shortMessage || `${file} failed`);
  return result.stdout;
}

type Stream = ChildOptions['stdout'];

function streamOf(stream: Stream): 'inherit' | 'ignore' | 'pipe' {
  return typeof stream === 'function' ? 'pipe' : stream;
}

function hearLines(from: Readable | null, stream: Stream): void {
  if (from !== null && typeof stream === 'function') createInterface({ input: from }).on('line', stream);
}

function definedOnly(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
