import { rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { explainRedisError, isRedisRefusal } from '@bullpen/protocol';
import { readWorkerConfig } from './config.ts';
import { defaultRunDirParent } from './host/run-directory.ts';
import { type RunningWorker, startWorker } from './start-worker.ts';

/** How long a worker without its parent may take to give its jobs back: Redis may have gone with the parent. */
const orphanGraceMs = 2000;

/**
 * A worker as a process of its own, configured by its environment. When it takes jobs it writes one line of JSON to standard output
 * (`{"ready":true,...}`; `false` where nobody has enabled it) and, if it has one, to its parent's channel; everything else goes to the log on
 * standard error.
 * SIGTERM, SIGINT and the parent's message `stop` drain it, a second one gives its jobs back at once, a third ends the process; before it has
 * started the first one ends it. Without the parent that gave it a channel it ends within 2 s. Exit code 0 after an orderly stop, 1 otherwise.
 */
async function main(): Promise<void> {
  const requests = hearStopRequests();
  const config = readWorkerConfig();
  process.on('exit', () => removeUnusedRunDirectory(config.runDirParent));
  const worker = await startWorker(config);
  requests.pass(worker);
  announce(worker);
  await worker.stopped;
}

/** Listens from the beginning, since a start waits for ever for a Redis that is away. */
function hearStopRequests(): { pass(worker: RunningWorker): void } {
  let worker: RunningWorker | null = null;
  let requests = 0;
  const stop = (): void => {
    requests += 1;
    // Nothing was taken yet, and the jailer ends with us.
    if (worker === null) process.exit(0);
    if (requests > 2) process.exit(1);
    // Errors arrive through `stopped`.
    worker.stop(requests > 1 ? { graceMs: 0 } : {}).catch(() => {});
  };
  const leave = (): void => {
    if (worker === null) process.exit(0);
    setTimeout(() => process.exit(1), orphanGraceMs);
    worker.stop({ graceMs: 0 }).catch(() => {});
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('message', (message) => {
    if (message === 'stop') stop();
  });
  process.on('disconnect', leave);
  // The parent may have gone while this program was loaded. Without a channel there is no such property.
  if ('connected' in process && !process.connected) leave();
  return {
    pass(started) {
      worker = started;
    },
  };
}

/** The jailer removes the run directory; one whose jailer was not started yet is removed here, while this process still may. */
function removeUnusedRunDirectory(parent: string | null): void {
  const folder = join(parent ?? defaultRunDirParent(process.geteuid?.() === 0), `bullpen-${process.pid}`);
  try {
    rmSync(join(folder, 'table'), { force: true });
    rmdirSync(folder);
  } catch {
    // Removed already, or a jailer still uses it and removes it itself.
  }
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!isRedisRefusal(error)) return error.message;
  return `Redis refuses this worker: ${explainRedisError(error)}. Set BULLPEN_REDIS, or the URL of --redis, right.`;
}

function announce(worker: RunningWorker): void {
  const ready = { ready: worker.enabled, workerId: worker.workerId, slots: worker.slots, profiles: worker.profiles };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
  process.send?.(ready);
}

try {
  await main();
  process.exit(0);
} catch (error) {
  process.stderr.write(`${JSON.stringify({ level: 60, msg: 'worker ended', err: { message: explain(error) } })}\n`);
  process.exit(1);
}
