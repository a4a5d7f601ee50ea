import { cancelChannel, cancelKey, type FleetNames } from '@bullpen/protocol';
import type { RunningJobs } from '../job/running-jobs.ts';
import type { RedisConnection } from './connect.ts';

export interface WatchCancelsOptions {
  /** Taken over: it can do nothing but listen from then on; other channels may share it. */
  readonly listener: RedisConnection;
  readonly commands: RedisConnection;
  readonly names: FleetNames;
  readonly running: Pick<RunningJobs, 'ids' | 'stop'>;
  onError(error: Error): void;
}

/**
 * Stops jobs of this worker whose producers announce that they no longer want them. What was announced while the connection was down is
 * found by the producers' marks when it is up again.
 */
export async function watchCancels(options: WatchCancelsOptions): Promise<void> {
  const { listener, names, running, onError } = options;
  const channel = cancelChannel(names);
  listener.on('message', (from: string, jobId: string) => {
    if (from === channel) running.stop(jobId, 'cancelled');
  });
  await listener.subscribe(channel);
  listener.on('ready', () => {
    stopMarked(options).catch(onError);
  });
}

async function stopMarked({ commands, names, running }: WatchCancelsOptions): Promise<void> {
  const ids = running.ids();
  if (ids.length === 0) return;
  const marks = await commands.mget(ids.map((id) => cancelKey(names, id)));
  for (const [index, id] of ids.entries()) if (marks[index] !== null) running.stop(id, 'cancelled');
}
