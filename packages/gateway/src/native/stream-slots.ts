import { Problem } from '../http/problem.ts';

/** Bounds how many event streams are open, all and those of one key. */
export interface StreamSlots {
  /** Takes a place; the function returned gives it back. Throws a Problem `too-many-streams`. */
  take(key: string): () => void;
  readonly open: number;
}

export function createStreamSlots({ streams, streamsPerKey }: { streams: number; streamsPerKey: number }): StreamSlots {
  const byKey = new Map<string, number>();
  let open = 0;
  return {
    take(key) {
      const own = byKey.get(key) ?? 0;
      if (own >= streamsPerKey)
        throw new Problem(
          'too-many-streams',
          `The key ${key} has ${own} event streams open, and may have ${streamsPerKey}.`,
        );
      if (open >= streams)
        throw new Problem('too-many-streams', `The gateway has ${open} event streams open, and may have ${streams}.`);
      open += 1;
      byKey.set(key, own + 1);
      let isTaken = true;
      return () => {
        if (!isTaken) return;
        isTaken = false;
        open -= 1;
        const left = (byKey.get(key) ?? 1) - 1;
        if (left === 0) byKey.delete(key);
        else byKey.set(key, left);
      };
    },
    get open() {
      return open;
    },
  };
}
