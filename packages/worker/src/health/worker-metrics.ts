import { type ErrorCode, errorCodes, type OutcomeKind, outcomeSchema } from '@bullpen/protocol';
import type { Metric, Sample } from './render-metrics.ts';

/** How one taking of a job ended: an outcome of its commands, the code of a refusal or fault, or its return to the queue. */
export type JobOutcomeLabel = OutcomeKind | ErrorCode | 'given-back' | 'handed-over' | 'put-off';

/**
 * What the result cache did: answered a job, let it run, put it off while an equal one ran, kept what a run made, or found something that was no
 * answer: damaged, in doubt, or of a run that was less confined.
 */
export type CacheEvent = (typeof cacheEvents)[number];

const cacheEvents = ['hit', 'miss', 'put-off', 'kept', 'unusable'] as const;

export type RoundOutcome = 'passed' | 'failed' | 'lost';

/** How many slots are in each state. */
export interface SlotCounts {
  readonly free: number;
  readonly busy: number;
  readonly quarantined: number;
}

/** Counts what a worker does, for its `/metrics`. */
export interface WorkerMetrics {
  countJob(outcome: JobOutcomeLabel): void;
  countCache(event: CacheEvent): void;
  countRound(outcome: RoundOutcome): void;
  /** Names the probes that fail now, instead of those named before. */
  setFailing(probes: readonly string[]): void;
  /** From now on slots are counted by this. */
  watchSlots(slots: SlotCounts): void;
  collect(isReady: boolean): readonly Metric[];
}

const jobOutcomes: readonly JobOutcomeLabel[] = [
  ...outcomeSchema.options.map((option) => option.shape.kind.value),
  ...(Object.keys(errorCodes) as ErrorCode[]),
  'given-back',
  'handed-over',
  'put-off',
];

export function createWorkerMetrics(): WorkerMetrics {
  // Every series is there from the beginning: a counter that first appears with 1 has no increase.
  const jobs = new Map<string, number>(jobOutcomes.map((outcome) => [outcome, 0]));
  const cache = new Map<string, number>(cacheEvents.map((event) => [event, 0]));
  const rounds = new Map<string, number>([
    ['passed', 0],
    ['failed', 0],
    ['lost', 0],
  ]);
  const probes = new Map<string, number>();
  let slots: SlotCounts = { free: 0, busy: 0, quarantined: 0 };
  return {
    countJob: (outcome) => increase(jobs, outcome),
    countCache: (event) => increase(cache, event),
    countRound: (outcome) => increase(rounds, outcome),
    setFailing(failing) {
      for (const probe of probes.keys()) probes.set(probe, 0);
      for (const probe of failing) probes.set(probe, 1);
    },
    watchSlots(counts) {
      slots = counts;
    },
    collect: (isReady) => [
      {
        name: 'bullpen_worker_ready',
        help: 'Whether the worker takes jobs now.',
        type: 'gauge',
        samples: [{ value: isReady ? 1 : 0 }],
      },
      {
        name: 'bullpen_slots',
        help: 'Slots by state.',
        type: 'gauge',
        samples: (['free', 'busy', 'quarantined'] as const).map((state) => ({
          labels: { state },
          value: slots[state],
        })),
      },
      {
        name: 'bullpen_probe_failed',
        help: 'Whether a probe fails now; a probe that never failed has no series.',
        type: 'gauge',
        samples: samplesOf(probes, 'probe'),
      },
      {
        name: 'bullpen_probe_rounds_total',
        help: 'Rounds of probes; lost are those of slots whose keeper was lost.',
        type: 'counter',
        samples: samplesOf(rounds, 'outcome'),
      },
      {
        name: 'bullpen_jobs_total',
        help: 'Jobs taken, by the outcome of the last command that ran, or the error code.',
        type: 'counter',
        samples: samplesOf(jobs, 'outcome'),
      },
      {
        name: 'bullpen_result_cache_total',
        help: 'What the result cache did for jobs that ask for it.',
        type: 'counter',
        samples: samplesOf(cache, 'event'),
      },
    ],
  };
}

function increase(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function samplesOf(counts: ReadonlyMap<string, number>, label: string): readonly Sample[] {
  return [...counts].map(([name, value]) => ({ labels: { [label]: name }, value }));
}
