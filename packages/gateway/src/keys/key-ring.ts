import { timingSafeEqual } from 'node:crypto';
import type { ApiKey } from './api-key.ts';
import { type Caller, makeCaller } from './caller.ts';
import { hashKey, readKeyName } from './key-text.ts';

/** The keys of a gateway in memory. */
export interface KeyRing {
  /** Who sends this key; null when it is none of ours, or no longer. Takes the same work for every text of a key's shape. */
  find(text: string): Caller | null;
  /** Takes these keys instead. */
  replace(keys: readonly ApiKey[]): void;
}

interface Entry {
  readonly hash: Buffer;
  readonly expiresAtMs: number;
  readonly caller: Caller;
}

/** What an unknown name is compared with; no key has this hash, since finding one would mean breaking SHA-256. */
const nobody = Buffer.alloc(32);

export interface KeyRingOptions {
  readonly now?: () => number;
  /** Compares two hashes without telling by its duration where they differ. */
  readonly equal?: (a: Buffer, b: Buffer) => boolean;
}

export function createKeyRing(
  keys: readonly ApiKey[],
  { now = Date.now, equal = timingSafeEqual }: KeyRingOptions = {},
): KeyRing {
  let entries = index(keys);
  return {
    find(text) {
      const name = readKeyName(text);
      if (name === null) return null;
      const entry = entries.get(name);
      // Hashed and compared for unknown names, too: how long it takes says nothing about which names there are.
      const isKey = equal(hashKey(text), entry?.hash ?? nobody);
      return isKey && entry !== undefined && now() < entry.expiresAtMs ? entry.caller : null;
    },
    replace(others) {
      entries = index(others);
    },
  };
}

function index(keys: readonly ApiKey[]): ReadonlyMap<string, Entry> {
  return new Map(
    keys.map((key) => [
      key.name,
      {
        hash: Buffer.from(key.sha256, 'hex'),
        expiresAtMs: key.expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(key.expiresAt),
        caller: makeCaller(key),
      },
    ]),
  );
}
