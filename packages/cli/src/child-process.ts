import { existsSync } from 'node:fs';
import { execa } from 'execa';

const setpriv = '/usr/bin/setpriv';

/** How a child process ended. */
export interface ChildEnding {
  /** Null when a signal ended it or it never started. */
  readonly exitCode: number | null;
  /** One sentence, for people; null when it exited with 0. */
  readonly failure: string | null;
}

/** A running child process. */
export interface Child {
  /** Never rejects. */
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
 * Starts a program and returns at once. One in a group of its own outlives this process unless `diesWithUs` or its channel ends it.
 * The cli's only door to other processes.
 */
export function startChild(file: string, args: readonly string[], options: ChildOptions): Child {
  const { stdout, stderr } = options;
  const [program, ...words] =
    options.diesWithUs && existsSync(setpriv) ? [setpriv, '--pdeathsig', 'KILL', '--', file, ...args] : [file, ...args];
  const subprocess = execa(program, words, {
    extendEnv: false,
    env: definedOnly(options.env),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.identity === undefined ? {} : options.identity),
    detached: options.ownGroup ?? false,
    stdin: 'ignore',
    stdout: typeof stdout === 'function' ? linesOf(stdout) : stdout,
    stderr: typeof stderr === 'function' ? linesOf(stderr) : stderr,
    // Nothing is kept in memory: whoever wants the text gets it line by line.
    buffer: false,
    ipc: options.channel ?? false,
    serialization: 'json',
    reject: false,
    cleanup: true,
    forceKillAfterDelay: false,
  });
  const child = subprocess.nodeChildProcess;
  return {
    ended: subprocess.then((result) => ({
      exitCode: result.exitCode ?? null,
      failure: result.failed ? (result.shortMessage ?? 'failed') : null,
    })),
    firstMessage: options.channel === true ? hearFirst(subprocess.getOneMessage?.()) : silence,
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

/** A child that ends without a word makes execa reject; for our callers its end tells enough. */
async function hearFirst(message: Promise<unknown> | undefined): Promise<unknown> {
  return (message ?? silence).catch(() => silence);
}

const silence = new Promise<never>(() => {});

/** Runs a short program to its end and returns what it wrote to stdout. Rejects with the program's own last words when it fails. */
export async function readProgram(file: string, args: readonly string[], timeoutMs: number): Promise<string> {
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

function linesOf(consume: (line: string) => void) {
  return function* (line: unknown) {
    consume(String(line));
    // Nothing is passed on: the line has been consumed.
    yield* [];
  };
}

function definedOnly(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
