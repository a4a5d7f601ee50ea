import { exitCodes } from './exit-code.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** For what must not go on beside an interruption that ends this process by itself. */
export const never = new Promise<never>(() => {});

/**
 * Calls `first` for the first SIGINT, SIGTERM, SIGHUP or SIGQUIT. With the second one the user means it: `second` must end what we started
 * at once, and this process exits. Returns the function that stops listening.
 */
export function onInterrupt({ first, second }: { first: () => void; second: () => void }): () => void {
  let count = 0;
  const hear = (): void => {
    count += 1;
    if (count === 1) {
      first();
      return;
    }
    second();
    process.exit(exitCodes.cancelled);
  };
  for (const signal of signals) process.on(signal, hear);
  return () => {
    for (const signal of signals) process.off(signal, hear);
  };
}
