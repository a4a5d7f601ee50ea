import { readWorkerConfig } from './config.ts';
import { type RunningWorker, startWorker } from './start-worker.ts';

/**
 * A worker as a process of its own, configured by its environment. When it takes jobs it writes one line of JSON to standard output
 * (`{"ready":true,...}`) and, if it has one, to its parent's channel; everything else goes to the log on standard error.
 * SIGTERM and SIGINT drain it, a second one gives its jobs back at once, a third ends the process. Exit code 0 after an orderly stop, 1 otherwise.
 */
async function main(): Promise<void> {
  const worker = await startWorker(readWorkerConfig());
  const stop = createSignalHandler(worker);
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // A parent that started us with a channel and is gone would leave us behind.
  process.on('disconnect', stop);
  announce(worker);
  await worker.stopped;
}

function createSignalHandler(worker: RunningWorker): () => void {
  let signals = 0;
  return () => {
    signals += 1;
    if (signals > 2) process.exit(1);
    // Errors arrive through `stopped`.
    worker.stop(signals > 1 ? { graceMs: 0 } : {}).catch(() => {});
  };
}

function announce(worker: RunningWorker): void {
  const ready = { ready: true, workerId: worker.workerId, slots: worker.slots, profiles: worker.profiles };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
  process.send?.(ready);
}

try {
  await main();
  process.exit(0);
} catch (error) {
  process.stderr.write(
    `${JSON.stringify({ level: 60, msg: 'worker ended', err: { message: error instanceof Error ? error.message : String(error) } })}\n`,
  );
  process.exit(1);
}
