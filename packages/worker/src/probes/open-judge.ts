import type { JailSlot } from '@bullpen/jailer';
import type { Closers } from '../closers.ts';
import type { WorkerConfig } from '../config.ts';
import type { Gate } from '../health/gate.ts';
import type { WorkerMetrics } from '../health/worker-metrics.ts';
import type { Logger } from '../log.ts';
import type { RedisConnection } from '../redis/connect.ts';
import { keepDoubts } from '../redis/keep-doubts.ts';
import { judgeProbes, type ProbeJudge } from './judge-probes.ts';

export interface OpenJudgeParts {
  /** All of them have just been proven. */
  readonly slots: readonly Pick<JailSlot, 'index'>[];
  readonly redis: RedisConnection;
  readonly gate: Gate;
  readonly metrics: Pick<WorkerMetrics, 'countRound' | 'setFailing'>;
  readonly logger: Logger;
  readonly closers: Closers;
}

/** What rounds of probes mean for the gate, the metrics, and the results that were published before. The first round of all has passed. */
export function openJudge(config: WorkerConfig, parts: OpenJudgeParts): ProbeJudge {
  const { slots, redis, gate, metrics, logger, closers } = parts;
  const doubts = keepDoubts({
    redis,
    names: config,
    workerId: config.workerId,
    // An entry of the result cache that is in doubt must not outlive the doubt.
    resultTtlMs: Math.max(config.resultTtlMs, config.cacheAgeMs),
    onError: (error) => logger.error({ err: error }, 'doubts about results not written'),
  });
  // Those about an earlier worker of this name: probes pass now.
  doubts.settle();
  closers.push(() => doubts.close());
  const judge = judgeProbes({
    gate,
    logger,
    listeners: {
      onDoubt: (rounds) => doubts.raise(rounds),
      onSettled: () => doubts.settle(),
      onRound: (outcome) => metrics.countRound(outcome),
      onFailing: (probes) => metrics.setFailing(probes),
    },
  });
  for (const slot of slots) judge.passed(slot);
  if (config.egressProbes.length > 0) judge.passed(null);
  return judge;
}
