import { setTimeout as delay } from 'node:timers/promises';

/**
 * A pool of slots. An item is always in exactly one of three states: free, busy or quarantined; `free + busy + quarantined = size`.
 */
export interface SlotPool<Item> {
  readonly size: number;
  readonly free: number;
  readonly busy: number;
  readonly quarantined: number;
  /** Resolves with an item that nobody else has. Rejects with the signal's reason when it is aborted first. */
  take(signal?: AbortSignal): Promise<Item>;
  /** Gives an item back; a waiting taker gets it at once. Throws when the item is not busy. */
  release(item: Item): void;
  /** Takes a busy item out of use until `replace` succeeded, however often it must be tried. Rejects only for an item that is not busy. */
  quarantine(item: Item): Promise<void>;
}

export interface SlotPoolOptions<Item> {
  /** Makes a quarantined item sound again; rejects when that failed. */
  replace(item: Item): Promise<void>;
  /** Told of each failure of `replace`; the next try is `pauseMs` later. */
  onReplaceFailed?(item: Item, error: unknown, pauseMs: number): void;
  /** Told how many items are not quarantined, whenever that changes. */
  onUsableChange?(usable: number): void;
  /** Ends the tries; items stay in quarantine then. */
  readonly stop?: AbortSignal;
  /** Pause after a first failure, doubled up to the longest; 1 s and 30 s unless said. */
  readonly pausesMs?: { readonly first: number; readonly longest: number };
}

interface Taker<Item> {
  give(item: Item): void;
}

export function createSlotPool<Item>(items: readonly Item[], options: SlotPoolOptions<Item>): SlotPool<Item> {
  const free = [...items];
  const busy = new Set<Item>();
  const quarantined = new Set<Item>();
  const takers: Taker<Item>[] = [];

  function makeAvailable(item: Item): void {
    const taker = takers.shift();
    if (taker === undefined) {
      free.push(item);
      return;
    }
    busy.add(item);
    taker.give(item);
  }

  function removeFromBusy(item: Item, verb: string): void {
    if (!busy.delete(item)) throw new Error(`A slot that is not busy cannot be ${verb}.`);
  }

  /** True once the item is sound; false when the pool was stopped before. */
  async function replace(item: Item): Promise<boolean> {
    const { first, longest } = options.pausesMs ?? { first: 1000, longest: 30_000 };
    for (let pauseMs = first; options.stop?.aborted !== true; pauseMs = Math.min(pauseMs * 2, longest)) {
      try {
        await options.replace(item);
        return true;
      } catch (error) {
        options.onReplaceFailed?.(item, error, pauseMs);
      }
      await delay(pauseMs, undefined, { ref: false, ...(options.stop && { signal: options.stop }) }).catch(() => {});
    }
    return false;
  }

  const tellUsable = (): void => options.onUsableChange?.(items.length - quarantined.size);

  return {
    size: items.length,
    get free() {
      return free.length;
    },
    get busy() {
      return busy.size;
    },
    get quarantined() {
      return quarantined.size;
    },
    take(signal) {
      if (signal?.aborted === true) return Promise.reject(signal.reason);
      const item = free.shift();
      if (item !== undefined) {
        busy.add(item);
        return Promise.resolve(item);
      }
      return new Promise<Item>((resolve, reject) => {
        const taker: Taker<Item> = {
          give(given) {
            signal?.removeEventListener('abort', leave);
            resolve(given);
          },
        };
        function leave(): void {
          takers.splice(takers.indexOf(taker), 1);
          reject(signal?.reason);
        }
        signal?.addEventListener('abort', leave, { once: true });
        takers.push(taker);
      });
    },
    release(item) {
      removeFromBusy(item, 'released');
      makeAvailable(item);
    },
    async quarantine(item) {
      removeFromBusy(item, 'quarantined');
      quarantined.add(item);
      tellUsable();
      if (!(await replace(item))) return;
      quarantined.delete(item);
      makeAvailable(item);
      tellUsable();
    },
  };
}
