import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Queue, QueueEvents } from 'bullmq';

/** BullMQ alone: the floor of everything that goes through the queue. */
export interface NoopQueue {
  /** Adds `count` jobs in batches and waits until all are completed. */
  run(count: number): Promise<void>;
  close(): Promise<void>;
}

const queueName = 'noop';
const prefix = '{bench}';
const batch = 100;

/** Starts a worker process whose processor does nothing. The jobs are empty; their ends are heard as Bullpen's client hears them. */
export async function startNoopQueue(socket: string, concurrency: number): Promise<NoopQueue> {
  const endWorker = await startNoopWorker(socket, concurrency);
  const connection = { path: socket, maxRetriesPerRequest: null };
  const queue = new Queue(queueName, { connection, prefix });
  const events = new QueueEvents(queueName, { connection, prefix });
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady()]);
  return {
    async run(count) {
      const completed = hearCompleted(events, count);
      for (let left = count; left > 0; left -= batch) {
        await queue.addBulk(Array.from({ length: Math.min(left, batch) }, () => ({ name: 'job', data: {} })));
      }
      await completed;
    },
    async close() {
      await endWorker();
      await Promise.all([events.close(), queue.close()]);
    },
  };
}

/** Resolves when the worker takes jobs, with what ends it. */
async function startNoopWorker(socket: string, concurrency: number): Promise<() => Promise<void>> {
  const program = fileURLToPath(new URL('./noop-worker.ts', import.meta.url));
  const child = spawn(process.execPath, [program, socket, queueName, String(concurrency)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [word] = await Promise.race([once(child.stdout, 'data'), ended]);
  if (!Buffer.isBuffer(word)) throw new Error('The worker that does nothing ended before it took jobs.');
  return async () => {
    child.kill('SIGKILL');
    await ended;
  };
}

function hearCompleted(events: QueueEvents, count: number): Promise<void> {
  return new Promise((resolve) => {
    let left = count;
    const onCompleted = (): void => {
      left -= 1;
      if (left > 0) return;
      events.off('completed', onCompleted);
      resolve();
    };
    events.on('completed', onCompleted);
  });
}
