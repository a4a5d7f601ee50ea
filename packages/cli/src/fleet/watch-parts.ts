import { setTimeout as delay } from 'node:timers/promises';
import { BullpenError } from '@bullpen/protocol';
import type { EmbeddedRedis } from './embedded-redis.ts';
import type { WorkerProcess } from './worker-process.ts';

/** Far above what a worker needs to start on a busy machine. */
const usualDeadlineMs = 30_000;

/** Rejects when the first part ends, or a worker does not come up in time. Whoever races against it hears of it; nobody else needs to. */
export function watchParts(
  workers: readonly WorkerProcess[],
  embedded: EmbeddedRedis | null,
  readyDeadlineMs = usualDeadlineMs,
): Promise<never> {
  const redis = embedded === null ? [] : [loseRedis(embedded)];
  const each = workers.flatMap((worker) => [loseWorker(worker), missWorker(worker, readyDeadlineMs)]);
  const lost = Promise.race([...redis, ...each]);
  lost.catch(() => {});
  return lost;
}

async function loseRedis(embedded: EmbeddedRedis): Promise<never> {
  await embedded.ended;
  throw new BullpenError('redis-unavailable', 'The private Redis has ended, and its jobs with it: start again.');
}

async function loseWorker(worker: WorkerProcess): Promise<never> {
  const ending = await worker.ended;
  const why = worker.lastTroubles().at(-1) ?? ending.failure ?? 'it exited with 0';
  throw new BullpenError('worker-lost', `The worker ended before its jobs did: ${why}`);
}

/** A worker that cannot reach its Redis tries for ever; whoever waits for a job of it should not. */
async function missWorker(worker: WorkerProcess, readyDeadlineMs: number): Promise<never> {
  const ready = await Promise.race([worker.ready, delay(readyDeadlineMs, null, { ref: false })]);
  if (ready?.ready === false) {
    throw new BullpenError('worker-lost', 'The worker takes no jobs: nobody has enabled it, see BULLPEN_ENABLED.');
  }
  if (ready !== null) return new Promise(() => {});
  const why = worker.lastTroubles().at(-1) ?? 'it does not say why';
  throw new BullpenError('worker-lost', `The worker takes no jobs after ${readyDeadlineMs / 1000} s: ${why}`);
}
