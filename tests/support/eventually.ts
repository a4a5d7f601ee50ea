import { setTimeout as delay } from 'node:timers/promises';
import { patience } from './patience.ts';

/** Waits for a condition instead of for a time. Rejects with `what` when it does not hold within `withinMs`, times the patience of the tests. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  withinMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + withinMs * patience;
  while (!(await condition())) {
    if (performance.now() > deadline)
      throw new Error(`Within ${withinMs * patience} ms this did not come true: ${what}.`);
    await delay(5);
  }
}
