import { crowdedRefusal } from './fleet-refusals.ts';

/** Bounds what is on its way to the queue at a time: a job of many megabytes takes a second of the processor and eight times its size of memory. */
export interface Intake {
  /** Returns what is to be called when the job is in the queue, or given up; twice is fine. Throws Refusal 503 when too much is on its way; one always may be. */
  enter(bytes: number): () => void;
}

export function openIntake(maximumBytes: number): Intake {
  const held = new Map<symbol, number>();
  return {
    enter(bytes) {
      const heldBytes = [...held.values()].reduce((sum, each) => sum + each, 0);
      if (heldBytes > 0 && heldBytes + bytes > maximumBytes) throw crowdedRefusal();
      const place = Symbol('on its way');
      held.set(place, bytes);
      return () => void held.delete(place);
    },
  };
}
