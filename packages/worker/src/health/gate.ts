/** Why a worker takes no jobs although it could: a slot failed its probes, or its UIDs may be another's. */
export type GateReason = 'probe-failed' | 'lease-in-doubt';

/** A worker's way to the queue. It is open while no reason holds. */
export interface Gate {
  readonly isOpen: boolean;
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
