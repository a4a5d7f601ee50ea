/** A BullMQ worker whose processor does nothing: `noop-worker.ts REDIS-SOCKET QUEUE CONCURRENCY`. Writes one line when it takes jobs. */
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';

const [socket = '', queue = '', concurrency = '1'] = process.argv.slice(2);
const worker = new Worker(queue, async () => null, {
  connection: new Redis(socket, { maxRetriesPerRequest: null }),
  prefix: '{bench}',
  concurrency: Number(concurrency),
  removeOnComplete: { age: 3600 },
});
worker.on('error', (error) => process.stderr.write(`${error.message}\n`));
await worker.waitUntilReady();
process.stdout.write('ready\n');
