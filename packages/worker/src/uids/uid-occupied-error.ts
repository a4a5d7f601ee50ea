import type { JailerError } from '@bullpen/jailer';
import type { UidOccupant } from './read-occupants.ts';
import { renderRange, type UidRange } from './uid-range.ts';

/** A UID of a range cannot be given to a slot, since a process that is no worker's has it. */
export class UidOccupiedError extends Error {
  override readonly name = 'UidOccupiedError';

  constructor(range: UidRange, uid: number, whose: string, options?: ErrorOptions) {
    super(
      `UID ${uid} of the range ${renderRange(range)} has ${whose}: end it, choose another slotUidBase (\`bullpen uids pick\`), or leave it to the worker.`,
      options,
    );
  }
}

/** The error about a process that this worker sees. */
export function occupiedBy(range: UidRange, { uid, pid }: UidOccupant): UidOccupiedError {
  return new UidOccupiedError(range, uid, `a process that no slot started (pid ${pid})`);
}

/**
 * The error about a process that only the jailer's proof finds, since it is another container's; null when the jailer failed for another
 * reason. Its last line names the slot.
 */
export function occupiedUnseen(range: UidRange, error: JailerError): UidOccupiedError | null {
  const [, slot] = /slot (\d+): step prove_empty: .*\(a process of the slot's user\)/.exec(error.detail) ?? [];
  if (slot === undefined) return null;
  const whose = 'a process that this worker cannot see, in another container of this machine';
  return new UidOccupiedError(range, range.base + Number(slot), whose, { cause: error });
}
