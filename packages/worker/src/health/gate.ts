/** Why a worker takes no jobs although it could, and what its health endpoint says of it. */
export const gateReasons = {
  disabled: 'jobs are not enabled on this worker: an operator enables them with BULLPEN_ENABLED=true',
  'probe-failed': 'a probe failed: the log and the metric bullpen_probe_failed name it',
  'lease-in-doubt': 'the lease of the UIDs of its slots is in doubt: Redis does not answer',
  'redis-refuses':
    'Redis refuses to be written to: the log says why; when its memory is full, raise maxmemory or free memory',
} as const satisfies Record<string, string>;

/** A slot failed its probes, the slots' UIDs may be another's, nobody has enabled the worker, or Redis takes no results. */
export type GateReason = keyof typeof gateReasons;

/** They keep jobs from being taken, and say nothing against those that run. */
const sound: ReadonlySet<GateReason> = new Set(['redis-refuses']);

/** A worker's way to the queue. It is open while no reason holds. */
export interface Gate {
  readonly isOpen: boolean;
  /** Whether jobs that run may go on. */
  readonly isSound: boolean;
  /** The reasons that hold. */
  readonly reasons: readonly GateReason[];
  /** Says whether a reason holds. */
  set(reason: GateReason, holds: boolean): void;
  /** Tells the listener from now on of each opening and closing, and of a closed gate when jobs may no longer go on, or may again. */
  listen(listener: (isOpen: boolean) => void): void;
}

export function createGate(): Gate {
  const reasons = new Set<GateReason>();
  const listeners: ((isOpen: boolean) => void)[] = [];
  const isSound = (): boolean => [...reasons].every((reason) => sound.has(reason));
  return {
    get isOpen() {
      return reasons.size === 0;
    },
    get isSound() {
      return isSound();
    },
    get reasons() {
      return [...reasons];
    },
    set(reason, holds) {
      const wasOpen = reasons.size === 0;
      const wasSound = isSound();
      if (holds) reasons.add(reason);
      else reasons.delete(reason);
      const isOpen = reasons.size === 0;
      if (isOpen !== wasOpen || isSound() !== wasSound) for (const listener of listeners) listener(isOpen);
    },
    listen(listener) {
      listeners.push(listener);
    },
  };
}
