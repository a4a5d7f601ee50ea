import { setTimeout as delay } from 'node:timers/promises';
import { Problem } from '../http/problem.ts';

/** Lets a few read results at a time: they are large, and all of them come on one connection. */
export interface ReadTurns {
  /**
   * Reads when it is the reader's turn: readers of one name wait in line, and the lines take turns. Throws a Problem `overloaded` when that takes
   * too long, and the signal's reason when nobody waits any more.
   */
  take<Value>(reader: Reader, read: () => Promise<Value>): Promise<Value>;
}

export interface Reader {
  /** Name of the API key. */
  readonly name: string;
  readonly signal: AbortSignal;
}

export interface ReadTurnsOptions {
  readonly atATime?: number;
  readonly longestWaitMs?: number;
}

type Turn = () => void;

export function createReadTurns({ atATime = 2, longestWaitMs = 10_000 }: ReadTurnsOptions = {}): ReadTurns {
  /** By name; the line whose turn is next comes first. */
  const lines = new Map<string, Set<Turn>>();
  let reading = 0;

  function join(name: string, turn: Turn): void {
    const line = lines.get(name) ?? new Set();
    line.add(turn);
    lines.set(name, line);
  }

  function quit(name: string, turn: Turn): void {
    const line = lines.get(name);
    line?.delete(turn);
    if (line?.size === 0) lines.delete(name);
  }

  async function awaitTurn({ name, signal }: Reader): Promise<void> {
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
    join(name, turn);
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
      quit(name, turn);
    }
  }

  /** Hands the place to the first of the next line, which goes behind the others; or frees it when nobody waits. */
  function leave(): void {
    const [next] = lines;
    if (next === undefined) {
      reading -= 1;
      return;
    }
    const [name, line] = next;
    lines.delete(name);
    const [turn] = line;
    if (turn !== undefined) line.delete(turn);
    if (line.size > 0) lines.set(name, line);
    turn?.();
  }

  return {
    async take(reader, read) {
      reader.signal.throwIfAborted();
      await awaitTurn(reader);
      try {
        return await read();
      } finally {
        leave();
      }
    },
  };
}
