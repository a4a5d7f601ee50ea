import { exitCodes } from './exit-code.ts';

/**
 * Calls `first` for the first SIGINT or SIGTERM. With the second one the user means it: `second` must end what we started at once,
 * and this process exits. Returns the function that stops listening.
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
  process.on('SIGINT', hear);
  process.on('SIGTERM', hear);
  return () => {
    process.off('SIGINT', hear);
    process.off('SIGTERM', hear);
  };
}
