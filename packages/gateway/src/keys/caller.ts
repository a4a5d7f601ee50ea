import type { ApiKey, KeyCeilings, KeyRate, Scope } from './api-key.ts';

/** Who sends a request, as far as the gateway cares: a key's rights without the key. */
export interface Caller {
  /** Name of the key; first part of the ids of its jobs. */
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
  readonly ceilings: KeyCeilings;
  readonly rate: KeyRate | null;
}

export function makeCaller({ name, scopes, ceilings, rate }: ApiKey): Caller {
  return { name, scopes: new Set(scopes), ceilings, rate };
}
