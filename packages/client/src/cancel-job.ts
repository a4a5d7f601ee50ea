import {
  cancelChannel,
  cancelKey,
  type FleetNames,
  makeUnrunReport,
  type Message,
  messageSchema,
  type Result,
} from '@bullpen/protocol';
import type { ProducerConnection } from './connection.ts';
import type { QueueDoor } from './queue-door.ts';
import type { ResultStore } from './result-store.ts';

export interface CancelContext {
  readonly names: FleetNames;
  readonly connection: ProducerConnection;
  readonly door: QueueDoor;
  readonly results: ResultStore;
}

/** How long a worker that takes the job later still learns that nobody wants it. */
const markMs = 60_000;

/**
 * Cancels a job: one that waits is removed and gets a `cancelled` result, one that runs is announced to its worker. False when the job had
 * ended otherwise or was never submitted. One that runs may still end by itself before the announcement arrives: its result says so.
 */
export async function cancelJob({ names, connection, door, results }: CancelContext, id: string): Promise<boolean> {
  const found = await door.find(id);
  if (found === null) return false;
  // The mark comes first: whatever worker takes the job from now on finds it, the one that runs it hears the announcement.
  await connection.redis.set(cancelKey(names, id), '1', 'PX', markMs);
  if (await door.remove(id)) {
    const parsed = messageSchema.safeParse(found.message);
    const message = parsed.success ? parsed.data : null;
    await results.storeFirst(makeCancelledResult(id, message, found.submittedAtMs), message?.job.resultTtlMs);
    return true;
  }
  // Asked before the announcement: a worker can end the job in less time than the question takes.
  const { kind } = await door.state(id);
  await connection.redis.publish(cancelChannel(names), id);
  if (kind === 'running' || kind === 'waiting') return true;
  // A worker that took it meanwhile may have found the mark, and be done.
  const [result] = await results.read([id]);
  return result?.state === 'cancelled';
}

/** The result of a job that no worker ever ran; its commands say so. */
function makeCancelledResult(id: string, message: Message | null, submittedAt: number): Result {
  return {
    jobId: id,
    profile: message?.job.profile ?? 'unknown',
    state: 'cancelled',
    commands: message?.job.commands.map(() => makeUnrunReport('cancelled')) ?? [],
    files: [],
    labels: message?.job.labels ?? {},
    receipt: null,
    attempt: 0,
    ...(message?.digest !== undefined && { digest: message.digest }),
    submittedAt,
    startedAt: null,
    finishedAt: Date.now(),
  };
}
