import { setTimeout as delay } from 'node:timers/promises';
import { readOccupants } from './read-occupants.ts';
import { occupiedBy } from './uid-occupied-error.ts';
import { type UidRange, uidsOf } from './uid-range.ts';

const betweenLooksMs = 50;

/**
 * Waits until no process that can be seen has a UID of the range: what a crashed worker left may still be ending. Throws a UidOccupiedError after
 * `waitMs`. The jailer's own proof, which sees all of the machine, comes after it.
 */
export async function awaitEmpty(range: UidRange, waitMs: number): Promise<void> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const [occupant] = readOccupants(uidsOf(range));
    if (occupant === undefined) return;
    if (performance.now() >= deadline) throw occupiedBy(range, occupant);
    await delay(betweenLooksMs);
  }
}
