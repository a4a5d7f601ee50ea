/** Why a worker takes no jobs although it could, and what its health endpoint says of it. */
export const gateReasons = {
  disabled: 'jobs are not enabled on this worker: an operator enables them with BULLPEN_ENABLED=true',
  'probe-failed': 'a probe failed: the log and the metric bullpen_probe_failed name it',
  'lease-in-doubt': 'the lease of the UIDs of its slots is in doubt: Redis does not answer',
} as const satisfies Record<string, string>;

/** A slot failed its probes, the slots' UIDs may be another's, or nobody has enabled the worker. */
export type GateReason = keyof typeof gateReasons;

/** A worker's way to the queue. It is open while no reason holds. */
export interface Gate {
  readonly isOpen: boolean;
  /** The reasons that hold. */
  readonly reasons: readonly GateReason[];
  /** Says whether a reason holds. */
  set(reason: GateReason, holds: boolean): void;
  /** Tells the listener of each opening and closing from now on. */
  listen(listener: (isOpen: boolean) => void): void;
}

export function createGate(): Gate {
  const reasons = new Set<GateReason>();
  const listeners: ((isOpen: boolean) => void)[] = [];
  return {
    get isOpen() {
      return reasons.size === 0;
    },
    get reasons() {
      return [...reasons];
    },
    set(reason, holds) {
      const wasOpen = reasons.size === 0;
      if (holds) reasons.add(reason);
      else reasons.delete(reason);
      const isOpen = reasons.size === 0;
      if (isOpen !== wasOpen) for (const listener of listeners) listener(isOpen);
    },
    listen(listener) {
      listeners.push(listener);
    },
  };
}
