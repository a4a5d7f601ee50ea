import type { JailSlot } from '@bullpen/jailer';
import type { Gate } from '../health/gate.ts';
import type { Logger } from '../log.ts';
import { ProbeError } from './probe.ts';

/** What was probed: a slot, or null for the worker's own process. */
export type Probed = Pick<JailSlot, 'index'> | null;

/** Takes the outcome of every round of probes, whoever asked for it. */
export interface ProbeJudge {
  passed(probed: Probed): void;
  /** A slot that was lost meanwhile says nothing about confinement; it is only replaced. */
  failed(probed: Probed, error: unknown): void;
  /** When a slot last passed, in milliseconds since the epoch; 0 before its first round. */
  provenAt(slot: Pick<JailSlot, 'index'>): number;
}

/** A failed round, as those who keep results in doubt hear of it. */
export interface FailedRound {
  readonly probe: string;
  /** The slot whose results are in doubt since `since`; null for those of all slots. */
  readonly slot: number | null;
  readonly since: number;
}

/** Who hears of rounds besides the log. */
export interface ProbeListeners {
  /** A round began to fail: results since the last clean ones are in doubt. */
  onDoubt(doubts: readonly FailedRound[]): void;
  /** Nothing fails any more. */
  onSettled(): void;
  onRound(outcome: 'passed' | 'failed' | 'lost'): void;
  /** The probes that fail now. */
  onFailing(probes: readonly string[]): void;
}

export interface JudgeParts {
  readonly gate: Pick<Gate, 'set'>;
  readonly logger: Logger;
  readonly listeners: ProbeListeners;
  now?(): number;
}

/** Keeps the gate closed from a failed probe until the slot, or the process, that failed it passes all of them. */
export function judgeProbes({ gate, logger, listeners, now = Date.now }: JudgeParts): ProbeJudge {
  const failing = new Map<number | null, string>();
  const provenAt = new Map<number | null, number>();

  /**
   * A fault of one slot may be as old as its own last clean round. One of the whole worker would have been seen by the last clean round of
   * any slot. What is the case is not known, so both count.
   */
  function doubtsOf(key: number | null, probe: string): readonly FailedRound[] {
    const own: FailedRound = { probe, slot: key, since: provenAt.get(key) ?? 0 };
    if (key === null || failing.size > 0) return [own];
    const ofSlots = [...provenAt].flatMap(([slot, at]) => (slot === null ? [] : [at]));
    return [own, { probe, slot: null, since: Math.max(0, ...ofSlots) }];
  }

  return {
    passed(probed) {
      const key = keyOf(probed);
      provenAt.set(key, now());
      listeners.onRound('passed');
      if (!failing.delete(key)) return;
      logger.info({ slot: key, stillFailing: [...failing.keys()] }, 'probes pass again');
      listeners.onFailing([...failing.values()]);
      if (failing.size > 0) return;
      listeners.onSettled();
      gate.set('probe-failed', false);
    },
    failed(probed, error) {
      if (!(error instanceof ProbeError)) {
        listeners.onRound('lost');
        return;
      }
      const key = keyOf(probed);
      listeners.onRound('failed');
      if (!failing.has(key)) listeners.onDoubt(doubtsOf(key, error.probe));
      failing.set(key, error.probe);
      listeners.onFailing([...failing.values()]);
      logger.error({ slot: key, probe: error.probe, err: error }, 'probe failed: no jobs are taken');
      gate.set('probe-failed', true);
    },
    provenAt: ({ index }) => provenAt.get(index) ?? 0,
  };
}

function keyOf(probed: Probed): number | null {
  return probed === null ? null : probed.index;
}
