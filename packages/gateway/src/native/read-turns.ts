import { setTimeout as delay } from 'node:timers/promises';
import { Problem } from '../http/problem.ts';

/** Lets a few read results at a time: they are large, and all of them come on one connection. */
export interface ReadTurns {
  /** Reads when it is its turn. Throws a Problem `overloaded` when that takes too long, and the signal's reason when nobody waits any more. */
  take<Value>(signal: AbortSignal, read: () => Promise<Value>): Promise<Value>;
}

export interface ReadTurnsOptions {
  readonly atATime?: number;
  readonly longestWaitMs?: number;
}

export function createReadTurns({ atATime = 2, longestWaitMs = 10_000 }: ReadTurnsOptions = {}): ReadTurns {
  const waiting = new Set<() => void>();
  let reading = 0;

  async function awaitTurn(signal: AbortSignal): Promise<void> {
    if (reading < atATime) {
      reading += 1;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<'turn'>();
    let isMine = false;
    const turn = (): void => {
      isMine = true;
      resolve('turn');
    };
    const over = new AbortController();
    waiting.add(turn);
    try {
      const got = await Promise.race([
        promise,
        delay(longestWaitMs, 'late' as const, { signal: AbortSignal.any([signal, over.signal]) }),
      ]);
      if (got === 'late') throw new Problem('overloaded', 'Too many results are being read: try again.');
    } catch (error) {
      // The turn came in the moment when nobody waited for it any more.
      if (isMine) leave();
      throw error;
    } finally {
      over.abort();
      waiting.delete(turn);
    }
  }

  /** Hands the place to the next, if there is one. */
  function leave(): void {
    const [next] = waiting;
    if (next === undefined) {
      reading -= 1;
      return;
    }
    waiting.delete(next);
    next();
  }

  return {
    async take(signal, read) {
      signal.throwIfAborted();
      await awaitTurn(signal);
      try {
        return await read();
      } finally {
        leave();
      }
    },
  };
}
