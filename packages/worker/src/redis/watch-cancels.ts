import { cancelChannel, type FleetNames } from '@bullpen/protocol';
import type { RunningJobs } from '../job/running-jobs.ts';
import type { RedisConnection } from './connect.ts';

/**
 * Stops jobs of this worker whose producers announce that they no longer want them. Takes the connection over: it can do nothing else
 * from then on. Announcements during an outage are lost, but the producer's mark stays for workers that take the job later.
 */
export async function watchCancels(
  connection: RedisConnection,
  names: FleetNames,
  running: RunningJobs,
): Promise<void> {
  connection.on('message', (_channel: string, jobId: string) => void running.stop(jobId, 'cancelled'));
  await connection.subscribe(cancelChannel(names));
}
