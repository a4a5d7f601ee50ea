import { setTimeout as delay } from 'node:timers/promises';
import { type Child, type ChildEnding, startChild } from '../child-process.ts';
import { checkout, workerProgram } from './checkout.ts';

/** What a worker says when it has started. */
export interface WorkerReady {
  /** False where jobs are not enabled on it. */
  readonly ready: boolean;
  /** Names of the profiles that its host can run. */
  readonly profiles: readonly string[];
}

/** A worker in a process of its own, since a worker started by root gives up its rights for good. */
export interface WorkerProcess {
  readonly ended: Promise<ChildEnding>;
  /** Resolves when the worker takes jobs, or would if it were enabled; never when it does not come up. */
  readonly ready: Promise<WorkerReady>;
  /** The worker's last lines of log that are warnings or worse, as sentences. */
  lastTroubles(): readonly string[];
  /** Asks it to drain, waits up to `graceMs`, then kills it. Closing twice is fine. */
  close(graceMs: number): Promise<void>;
  /** Ends it at once; its jailer and every jail end with it. */
  kill(): void;
}

export interface WorkerProcessOptions {
  /** `BULLPEN_...` variables of this worker, beside those of our own environment. */
  readonly settings: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Gets each line of the worker's log; our own stderr when it is `inherit`. */
  readonly log: 'inherit' | ((line: string) => void);
}

const troublesKept = 5;

/** A worker that cannot be killed, since it changed its user, ends by itself 2 s after its channel was closed. */
const lastWaitMs = 3000;

/** Starts a worker and returns at once; jobs may be submitted before it is ready. */
export function startWorkerProcess({ settings, environment, log }: WorkerProcessOptions): WorkerProcess {
  const troubles: string[] = [];
  const child = startChild(process.execPath, ['--conditions=@bullpen/source', workerProgram()], {
    env: { ...inherited(environment), ...settings },
    cwd: checkout,
    ownGroup: true,
    // The worker ends when we are gone.
    channel: true,
    stdout: 'ignore',
    stderr:
      log === 'inherit'
        ? 'inherit'
        : (line) => {
            log(line);
            const trouble = readTrouble(line);
            if (trouble !== null) troubles.push(trouble);
            if (troubles.length > troublesKept) troubles.shift();
          },
  });
  let closing: Promise<void> | null = null;
  return {
    ended: child.ended,
    ready: child.firstMessage as Promise<WorkerReady>,
    lastTroubles: () => troubles,
    close(graceMs) {
      closing ??= endWorker(child, graceMs);
      return closing;
    },
    kill() {
      child.disconnect();
      child.kill('SIGKILL');
    },
  };
}

/** What a worker needs of our environment: where programs and temporary files are, and the operator's own settings. */
function inherited(environment: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  const wanted = /^(PATH|HOME|LANG|TZ|TMPDIR|NODE_COMPILE_CACHE|BULLPEN_.*)$/;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => wanted.test(name)));
}

/** Over the channel, since signals may be forbidden: the worker that root starts changes its user. */
async function endWorker(child: Child, graceMs: number): Promise<void> {
  child.send('stop');
  if (await endsWithin(child, graceMs)) return;
  // Its jailer ends with it: the worker's end of the leash closes.
  child.disconnect();
  child.kill('SIGKILL');
  await endsWithin(child, lastWaitMs);
}

async function endsWithin(child: Child, milliseconds: number): Promise<boolean> {
  const timer = new AbortController();
  const late = delay(milliseconds, false, { signal: timer.signal }).catch(() => false);
  const hasEnded = await Promise.race([child.ended.then(() => true), late]);
  timer.abort();
  return hasEnded;
}

/** The sentence of a log line that is a warning or worse, or of a line that is no log at all (a crash); null for the rest. */
export function readTrouble(line: string): string | null {
  if (line.trim() === '') return null;
  try {
    const entry = JSON.parse(line) as {
      readonly level?: number;
      readonly msg?: string;
      readonly err?: { readonly message?: string };
    };
    if ((entry.level ?? 0) < 40) return null;
    return [entry.msg, entry.err?.message].filter((part) => part !== undefined).join(': ');
  } catch {
    return line; // not JSON
  }
}
