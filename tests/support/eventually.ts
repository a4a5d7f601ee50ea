import { setTimeout as delay } from 'node:timers/promises';

/** Waits for a condition instead of for a time. Rejects with `what` when it does not hold within `withinMs`. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  withinMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Within ${withinMs} ms this did not come true: ${what}.`);
    await delay(5);
  }
}
