import { BullpenError } from '@bullpen/protocol';
import type { StopReason } from '../stop-reason.ts';

export interface BudgetOptions {
  readonly budgetMs: number;
  /** How long work may go on after `stop` was aborted; killing takes milliseconds. */
  readonly killGraceMs: number;
  readonly stop: AbortSignal;
}

/**
 * Runs work that is bound to end by itself. When it does not, its host is sick, not the program: its signal is aborted, the work is
 * abandoned and `budget-exceeded` is thrown.
 */
export async function withinBudget<Value>(
  options: BudgetOptions,
  work: (stop: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const { budgetMs, killGraceMs, stop } = options;
  const overdue = new AbortController();
  const { promise: expired, reject } = Promise.withResolvers<never>();
  const timers: NodeJS.Timeout[] = [];
  const expireAfter = (milliseconds: number, what: string): void => {
    const expire = (): void => {
      overdue.abort('budget-exceeded' satisfies StopReason);
      reject(
        new BullpenError(
          'budget-exceeded',
          `The job went on for more than ${milliseconds} ms ${what}: its slot is replaced.`,
        ),
      );
    };
    timers.push(setTimeout(expire, milliseconds));
  };
  const onStop = (): void => expireAfter(killGraceMs, 'after it was told to stop');
  expireAfter(budgetMs, 'although its commands have shorter limits');
  if (stop.aborted) onStop();
  else stop.addEventListener('abort', onStop, { once: true });
  try {
    return await Promise.race([work(AbortSignal.any([stop, overdue.signal])), expired]);
  } finally {
    stop.removeEventListener('abort', onStop);
    for (const timer of timers) clearTimeout(timer);
  }
}
