import type { JailSlot } from '@bullpen/jailer';
import type { ResolvedProfile } from '@bullpen/profiles';
import type { Closers } from './closers.ts';
import { withinBudget } from './job/within-budget.ts';
import type { Logger } from './log.ts';
import type { Floor } from './probes/floor.ts';
import type { ProbeJudge } from './probes/judge-probes.ts';
import { proveSlots } from './self-check.ts';
import { createSlotPool, type SlotPool } from './slots.ts';

export interface SlotParts {
  /** In the order of the jailer's table; the profile bash is among them. */
  readonly available: readonly ResolvedProfile[];
  readonly floor: Floor;
  readonly logger: Logger;
  readonly closers: Closers;
  /** Told how many slots are not in quarantine, whenever that changes. */
  onUsableChange(usable: number): void;
  /** Told of every proof. */
  readonly judge: ProbeJudge;
}

/** The proof takes a second; a keeper that does not answer must not hold it up for ever. */
const proofBudgetMs = 30_000;

/**
 * The worker's pool of slots. A slot whose keeper was replaced is proven again before it gets a job: one that only looked sound would
 * fail job after job.
 */
export function openSlots(slots: readonly JailSlot[], parts: SlotParts): SlotPool<JailSlot> {
  const { available, floor, logger, closers, onUsableChange, judge } = parts;
  const stop = new AbortController();
  closers.push(() => stop.abort());
  return createSlotPool(slots, {
    async replace(slot) {
      await slot.replace();
      const bounds = { budgetMs: proofBudgetMs, killGraceMs: 0, stop: stop.signal };
      await withinBudget(bounds, () => proveSlots([slot], available, floor));
      judge.passed(slot);
    },
    onReplaceFailed(slot, error, pauseMs) {
      logger.error({ slot: slot.index, pauseMs, err: error }, 'slot stays in quarantine');
      judge.failed(slot, error);
    },
    onUsableChange,
    stop: stop.signal,
  });
}
