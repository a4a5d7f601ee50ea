/** What a pool needs to know of its items. */
export interface Replaceable {
  /** Makes the item sound again; rejects when that failed. */
  replace(): Promise<void>;
}

/**
 * A pool of slots. An item is always in exactly one of three states: free, busy or quarantined; `free + busy + quarantined = size`.
 * There are no timers and no I/O here but the item's own `replace`.
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
  /** Takes a busy item out of use until `replace` succeeded. Never rejects: an item that cannot be replaced stays out. */
  quarantine(item: Item): Promise<void>;
}

interface Taker<Item> {
  give(item: Item): void;
}

export function createSlotPool<Item extends Replaceable>(
  items: readonly Item[],
  onReplaceFailed: (item: Item, error: unknown) => void,
): SlotPool<Item> {
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
      try {
        await item.replace();
      } catch (error) {
        onReplaceFailed(item, error);
        return;
      }
      quarantined.delete(item);
      makeAvailable(item);
    },
  };
}
