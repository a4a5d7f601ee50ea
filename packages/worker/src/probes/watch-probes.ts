import { setTimeout as delay } from 'node:timers/promises';
import type { SlotPool } from '../slots.ts';

export interface WatchProbesOptions<Slot> {
  readonly slots: Pick<SlotPool<Slot>, 'take' | 'release' | 'quarantine'>;
  readonly intervalMs: number;
  /** Rejects when the slot is not sound. */
  probe(slot: Slot): Promise<void>;
  onPassed(slot: Slot): void;
  onFailed(slot: Slot, error: unknown): void;
}

export interface ProbeWatch {
  /** Resolves when no probe runs any more. */
  close(): Promise<void>;
}

/**
 * Probes one slot each interval, a free one or the next that a job gives back: never two at a time, so that no job waits for more than one
 * round of probes. A slot that fails is quarantined.
 */
export function watchProbes<Slot>(options: WatchProbesOptions<Slot>): ProbeWatch {
  const stop = new AbortController();
  const ended = probeForever(options, stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  return {
    async close() {
      stop.abort();
      await ended;
    },
  };
}

async function probeForever<Slot>(options: WatchProbesOptions<Slot>, signal: AbortSignal): Promise<never> {
  for (;;) {
    await delay(options.intervalMs, undefined, { signal, ref: false });
    const slot = await options.slots.take(signal);
    await probeTaken(options, slot, signal);
  }
}

async function probeTaken<Slot>(options: WatchProbesOptions<Slot>, slot: Slot, signal: AbortSignal): Promise<void> {
  try {
    await options.probe(slot);
  } catch (error) {
    // Closing the jailer loses the slots.
    if (!signal.aborted) options.onFailed(slot, error);
    void options.slots.quarantine(slot);
    return;
  }
  options.onPassed(slot);
  options.slots.release(slot);
}
