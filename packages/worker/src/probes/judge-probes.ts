import type { JailSlot } from '@bullpen/jailer';
import type { Gate } from '../health/gate.ts';
import type { Logger } from '../log.ts';
import { ProbeError } from './probe.ts';

/** Takes the outcome of every round of probes, whoever asked for it. */
export interface ProbeJudge {
  passed(slot: Pick<JailSlot, 'index'>): void;
  /** A slot that was lost meanwhile says nothing about confinement; it is only replaced. */
  failed(slot: Pick<JailSlot, 'index'>, error: unknown): void;
}

/** Keeps the gate closed from a slot's failed probe until the same slot passes all of them. */
export function judgeProbes(gate: Pick<Gate, 'set'>, logger: Logger): ProbeJudge {
  const failing = new Set<number>();
  return {
    passed({ index }) {
      if (!failing.delete(index)) return;
      logger.info({ slot: index, stillFailing: [...failing] }, 'probes pass again');
      gate.set('probe-failed', failing.size > 0);
    },
    failed({ index }, error) {
      if (!(error instanceof ProbeError)) return;
      failing.add(index);
      logger.error({ slot: index, probe: error.probe, err: error }, 'probe failed: no jobs are taken');
      gate.set('probe-failed', true);
    },
  };
}
