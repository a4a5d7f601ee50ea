import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { patience } from './patience.ts';

/** A worker in a process of its own, as the fleet runs it. */
export interface TestWorker {
  readonly pid: number;
  readonly workerId: string;
  /** The lines of its log so far. */
  readonly log: readonly WorkerLogLine[];
  /** Code or signal with which it ended. */
  readonly ended: Promise<number | string>;
  signal(signal: NodeJS.Signals): void;
  /** Drains it, or kills it when it is gone quiet. */
  close(): Promise<void>;
}

export interface WorkerLogLine {
  readonly msg: string;
  readonly job?: string;
  readonly [field: string]: unknown;
}

const program = join(dirname(fileURLToPath(import.meta.resolve('@bullpen/worker'))), 'main.ts');
/** Where set, workers start without compiling their sources again, which takes an emulated machine ten seconds each time. */
const { NODE_COMPILE_CACHE } = process.env;
const compileCache = NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };
/** Short locks and pauses, so that tests of what happens after a loss take a second or two. */
const quickSettings = {
  BULLPEN_LOCK_DURATION_MS: `${1000 * patience}`,
  BULLPEN_STALLED_INTERVAL_MS: `${300 * patience}`,
  BULLPEN_RETRY_DELAY_MS: '50',
  BULLPEN_SLOTS: '1',
};

/** Locks as long as in production, for workers whose loss is not what is tested: large messages keep their only thread from renewing short ones. */
export const patientLocks = {
  BULLPEN_LOCK_DURATION_MS: `${10_000 * patience}`,
  BULLPEN_STALLED_INTERVAL_MS: `${3000 * patience}`,
};

/**
 * Starts a worker and resolves when it takes jobs; `settings` are `BULLPEN_...` variables, `launcher` the words of a program that starts it
 * in another place or as another user. Rejects with its last log line otherwise.
 */
export async function startWorkerProcess(
  redis: string,
  settings: Readonly<Record<string, string>> = {},
  launcher: readonly string[] = [],
): Promise<TestWorker> {
  const [file, ...words] = [...launcher, process.execPath, '--conditions=@bullpen/source', program];
  const child = spawn(file, words, {
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...compileCache, BULLPEN_REDIS: redis, ...quickSettings, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  const log = readLog(child);
  const ready = await Promise.race([readReadyLine(child), ended]);
  if (typeof ready !== 'object') throw new Error(`The worker ended with ${ready}: ${JSON.stringify(log.at(-1))}`);
  return {
    pid: child.pid ?? 0,
    workerId: ready.workerId,
    log,
    ended,
    signal: (signal) => void child.kill(signal),
    async close() {
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      const overdue = setTimeout(() => child.kill('SIGKILL'), 10_000 * patience);
      await ended;
      clearTimeout(overdue);
    },
  };
}

function readLog(child: ChildProcess): WorkerLogLine[] {
  const log: WorkerLogLine[] = [];
  if (child.stderr === null) throw new Error('The worker of the test has no standard error.');
  createInterface({ input: child.stderr }).on('line', (line) => log.push(parseLine(line)));
  return log;
}

function parseLine(line: string): WorkerLogLine {
  try {
    return JSON.parse(line) as WorkerLogLine;
  } catch {
    return { msg: line };
  }
}

async function readReadyLine(child: ChildProcess): Promise<{ readonly workerId: string }> {
  if (child.stdout === null) throw new Error('The worker of the test has no standard output.');
  for await (const line of createInterface({ input: child.stdout })) {
    return JSON.parse(line) as { readonly workerId: string };
  }
  // It ended without a word: `ended` says how.
  return new Promise(() => {});
}
