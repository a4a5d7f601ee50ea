import { type Duplex, Readable } from 'node:stream';
import { execa } from 'execa';

/** What the jailer's process is started with. */
export interface SpawnOptions {
  /** Path of the program `bullpen-jailer`. */
  readonly binary: string;
  readonly arguments: readonly string[];
  /** Number of sockets, which stand at the descriptors 3, 4, 5 ... of the jailer. */
  readonly sockets: number;
}

/** The jailer's process, as its starter holds it. */
export interface JailerProcess {
  readonly pid: number | undefined;
  /** Fewer than asked for when the process could not be started. */
  readonly sockets: readonly Duplex[];
  /** Lines of the master for the worker. */
  readonly news: NodeJS.ReadableStream;
  /** Lines of the jailer for people. */
  readonly stderr: NodeJS.ReadableStream;
  /** Sends the master a line. */
  wish(line: string): void;
  /** Closes descriptor 0, the leash: the jailer then ends everything. */
  letGo(): void;
  /** Resolves with a clause that says how the process ended. */
  readonly ended: Promise<string>;
}

/** Starts the jailer with an empty environment. Never throws: a process that could not be started has `ended`. */
export function spawnJailer(options: SpawnOptions): JailerProcess {
  const subprocess = execa(options.binary, options.arguments, {
    stdio: ['pipe', 'pipe', 'pipe', ...Array.from({ length: options.sockets }, () => 'pipe' as const)],
    env: {},
    extendEnv: false,
    buffer: false,
    reject: false,
    // The leash ends the jailer when this process ends, however it ends; a signal would not be permitted.
    cleanup: false,
  });
  const child = subprocess.nodeChildProcess;
  const ended = subprocess.then(({ exitCode, signal, originalMessage }) => {
    if (exitCode !== undefined) return `it exited with ${exitCode}`;
    return signal === undefined
      ? `it could not be started (${originalMessage ?? 'unknown reason'})`
      : `it was ended by ${signal}`;
  });
  child.stdin?.on('error', () => {}); // The leash of a jailer that ended by itself.
  return {
    pid: subprocess.pid,
    // Node makes a socket pair for each pipe, and shows its own end as a Duplex.
    sockets: (child.stdio ?? []).slice(3) as unknown as readonly Duplex[],
    news: child.stdout ?? Readable.from([]),
    stderr: child.stderr ?? Readable.from([]),
    wish: (line) => void child.stdin?.write(`${line}\n`),
    letGo: () => child.stdin?.destroy(),
    ended,
  };
}

/**
 * Runs a program of the host and returns what it printed: how a worker asks toolchains for their versions. It is given a bare environment and
 * 20 seconds. Rejects with a sentence when it fails.
 */
export async function readProgramVersion(program: string, args: readonly string[]): Promise<string> {
  const { all } = await execa(program, [...args], {
    all: true,
    stdin: 'ignore',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' },
    extendEnv: false,
    cwd: '/',
    timeout: 20_000,
    maxBuffer: 65_536,
  });
  return all;
}

/** Runs a program of the host with a text as its standard input and returns the bytes that it printed, on the same terms. */
export async function readProgramBytes(program: string, args: readonly string[], input: string): Promise<Uint8Array> {
  const { stdout } = await execa(program, [...args], {
    input,
    encoding: 'buffer',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' },
    extendEnv: false,
    cwd: '/',
    timeout: 20_000,
    maxBuffer: 16_777_216,
    // The bytes are a format of their own: the last one may look like a line's end.
    stripFinalNewline: false,
  });
  return stdout;
}
