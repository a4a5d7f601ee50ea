import { exitCodes } from './exit-code.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** For what must not go on beside an interruption that ends this process by itself. */
export const never = new Promise<never>(() => {});

export interface InterruptHandlers {
  first(): void;
  second(): void;
}

interface Listening extends InterruptHandlers {
  heard: number;
}

/** Who is told: the last one. */
const listening: Listening[] = [];

/**
 * Calls `first` for the first SIGINT, SIGTERM, SIGHUP or SIGQUIT. With the second one the user means it: `second` must end what we started
 * at once, and this process exits. Whoever began to listen last hears it alone. Returns the function that stops listening.
 */
export function onInterrupt({ first, second }: InterruptHandlers): () => void {
  // Never taken off again: a signal that came while this process was busy would be lost when its listener is replaced by another.
  for (const signal of signals) if (!process.listeners(signal).includes(hear)) process.on(signal, hear);
  const entry = { first, second, heard: 0 };
  listening.push(entry);
  return () => {
    const index = listening.indexOf(entry);
    if (index >= 0) listening.splice(index, 1);
  };
}

function hear(): void {
  const entry = listening.at(-1);
  if (entry === undefined) process.exit(exitCodes.cancelled);
  entry.heard += 1;
  if (entry.heard === 1) {
    entry.first();
    return;
  }
  entry.second();
  process.exit(exitCodes.cancelled);
}
