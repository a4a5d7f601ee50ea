import type { JailSlot } from '@bullpen/jailer';
import type { ResolvedProfile } from '@bullpen/profiles';
import type { Closers } from '../closers.ts';
import type { WorkerConfig } from '../config.ts';
import type { SlotPool } from '../slots.ts';
import type { ProbeJudge } from './judge-probes.ts';
import { watchEgress } from './probe-egress.ts';
import { probeSlot } from './probe-slot.ts';
import { watchProbes } from './watch-probes.ts';

export interface WatchWorkerParts {
  readonly available: readonly ResolvedProfile[];
  readonly slots: SlotPool<JailSlot>;
  readonly judge: ProbeJudge;
  readonly closers: Closers;
}

/** Probes an idle slot, and what the worker itself can reach, from time to time. */
export function watchWorker(config: WorkerConfig, { available, slots, judge, closers }: WatchWorkerParts): void {
  const { probeIntervalMs: intervalMs, egressProbes: targets, floor } = config;
  const ofSlots = watchProbes({
    slots,
    intervalMs,
    async probe(slot) {
      await probeSlot(slot, available, floor);
    },
    onPassed: (slot) => judge.passed(slot),
    onFailed: (slot, error) => judge.failed(slot, error),
  });
  closers.push(() => ofSlots.close());
  const ofEgress = watchEgress({
    targets,
    intervalMs,
    onPassed: () => judge.passed(null),
    onFailed: (error) => judge.failed(null, error),
  });
  closers.push(() => ofEgress.close());
}
