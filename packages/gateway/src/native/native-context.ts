import type { DoorContext } from '../door-context.ts';
import type { BackPressure } from '../http/back-pressure.ts';
import type { ReadTurns } from './read-turns.ts';
import type { StreamSlots } from './stream-slots.ts';

/** What the native API needs beside what every door does. */
export interface NativeContext extends DoorContext {
  readonly pressure: BackPressure;
  readonly streams: StreamSlots;
  readonly reads: ReadTurns;
  /** Aborted when the gateway stops: event streams end. */
  readonly stopping: AbortSignal;
}
