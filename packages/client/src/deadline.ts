import { BullpenError } from '@bullpen/protocol';
import { unavailable } from './connection.ts';

/**
 * Runs one exchange with Redis. What it throws, and silence beyond `withinMs`, becomes a BullpenError `redis-unavailable`;
 * BullpenErrors pass.
 */
export async function withinDeadline<Value>(withinMs: number, exchange: () => Promise<Value>): Promise<Value> {
  const { promise: silence, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => reject(unavailable(`was silent for ${withinMs} ms`, null));
  // It may have been this process that was busy: what has arrived meanwhile is read first.
  const timer = setTimeout(() => setImmediate(giveUp), withinMs);
  try {
    return await Promise.race([exchange(), silence]);
  } catch (error) {
    throw error instanceof BullpenError ? error : unavailable('refused or lost a command', error);
  } finally {
    clearTimeout(timer);
  }
}
