import type { UidLease } from './lease-uids.ts';

export interface KeepLeaseOptions {
  readonly lease: Pick<UidLease, 'renew' | 'range'>;
  /** Time to live of the lease in milliseconds; it is renewed three times in that. */
  readonly ttlMs: number;
  /** Another worker has one of the UIDs; nothing is renewed any more. */
  onLost(error: Error): void;
  /** True when the lease may have run out while Redis was away, false when it is ours again. */
  onDoubt(inDoubt: boolean): void;
  onError(error: unknown): void;
}

/** Renews a lease until it is closed or lost. */
export function keepLease(options: KeepLeaseOptions): { close(): void } {
  const { lease, ttlMs, onLost, onDoubt, onError } = options;
  const periodMs = ttlMs / 3;
  let renewedAt = performance.now();
  let isRenewing = false;
  let isInDoubt = false;
  let isClosed = false;

  async function renew(): Promise<void> {
    const askedAt = performance.now();
    const conflict = await lease.renew();
    if (isClosed) return;
    if (conflict !== null) {
      close();
      onLost(
        new Error(
          `The lease of UID ${conflict.uid} was lost to ${conflict.holder}: this worker could not reach Redis for ${ttlMs} ms. It must be replaced.`,
        ),
      );
      return;
    }
    renewedAt = askedAt;
    doubt(false);
  }

  function doubt(next: boolean): void {
    if (next === isInDoubt) return;
    isInDoubt = next;
    onDoubt(next);
  }

  function beat(): void {
    // One period early: until the next beat nothing would be noticed.
    if (performance.now() - renewedAt > ttlMs - periodMs) doubt(true);
    if (isRenewing) return; // the command waits for Redis, and is sent as soon as it is back
    isRenewing = true;
    renew()
      .catch(onError)
      .finally(() => {
        isRenewing = false;
      });
  }

  const timer = setInterval(beat, periodMs);
  function close(): void {
    isClosed = true;
    clearInterval(timer);
  }
  return { close };
}
