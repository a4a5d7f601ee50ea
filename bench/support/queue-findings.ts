import { renderTable } from '../../packages/cli/src/output/render-table.ts';
import { type Machine, renderMachine } from './machine.ts';
import type { OutputMemory } from './output-memory.ts';
import { medianOf, type Summary, summarize } from './statistics.ts';
import { judgeTarget, renderTargets, showNumber, type Target } from './target.ts';

/** One way to run jobs: one at a time on an idle fleet, and as many as it can take. */
export interface QueueRow {
  readonly key: string;
  readonly title: string;
  /** Milliseconds from submitting a job to having its result. */
  readonly latencyMs: Summary;
  /** Median of the rounds. */
  readonly jobsPerSecond: number;
}

/** What one run of the queue benchmark found. */
export interface QueueFindings {
  readonly benchmark: 'queue';
  readonly machine: Machine;
  /** Jobs at a time, in every row. */
  readonly slots: number;
  readonly rows: readonly QueueRow[];
  readonly ratios: Readonly<Record<'trivialToNoop' | 'pythonToBare' | 'pythonRateToBare', number>>;
  readonly memory: OutputMemory;
  readonly targets: readonly Target[];
}

const titles: readonly (readonly [string, string])[] = [
  ['noop', 'BullMQ alone, a processor that does nothing'],
  ['trivial', 'Bullpen job: true'],
  ['python', 'Bullpen job: hello in Python'],
  ['bare-python', 'bare hello in Python, fork and exec (C)'],
];

/** Pages that the allocator and the heap need to hold a block of the cap's size. */
const bookkeepingKiB = 64;

type Samples = ReadonlyMap<string, readonly (readonly number[])[]>;

export function summarizeQueue(
  samples: Samples,
  memory: OutputMemory,
): Pick<QueueFindings, 'rows' | 'ratios' | 'memory' | 'targets'> {
  const column = (key: string): number[] => (samples.get(key) ?? []).map(([value = 0]) => value);
  const rows = titles.map(([key, title]) => ({
    key,
    title,
    latencyMs: summarize(column(key)),
    jobsPerSecond: 1000 / medianOf(column(`${key}-many`)),
  }));
  const ratio = (one: string, other: string): number => medianOf(column(one)) / medianOf(column(other));
  return {
    rows,
    ratios: {
      trivialToNoop: ratio('trivial', 'noop'),
      pythonToBare: ratio('python', 'bare-python'),
      pythonRateToBare: ratio('bare-python-many', 'python-many'),
    },
    memory,
    targets: judge(column('trivial'), memory),
  };
}

function judge(trivialMs: readonly number[], memory: OutputMemory): readonly Target[] {
  return [
    judgeTarget('trivial job on an idle fleet, median', medianOf(trivialMs), { atMost: 10, unit: 'ms' }),
    judgeTarget('growth of a warm worker by a flood: its cap, and some pages', medianOf(memory.growthKiB), {
      atMost: memory.capBytes / 1024 + bookkeepingKiB,
      unit: 'KiB',
    }),
  ];
}

export function renderQueueFindings({ machine, slots, rows, ratios, memory, targets }: QueueFindings): string {
  return [
    renderMachine(machine),
    `${slots} jobs at a time\n\n`,
    renderTable([
      ['submit to result, milliseconds', 'median', 'p99', 'p10', 'p90', 'jobs/s'],
      ...rows.map(({ title, latencyMs: { median, p99, p10, p90 }, jobsPerSecond }) => [
        title,
        ...[median, p99, p10, p90, jobsPerSecond].map(showNumber),
      ]),
    ]),
    `\ntrivial job over BullMQ alone: ${showNumber(ratios.trivialToNoop)} times the latency\n`,
    `Python job over bare Python: ${showNumber(ratios.pythonToBare)} times the latency, `,
    `${showNumber(ratios.pythonRateToBare)} times the jobs/s\n\n`,
    renderMemory(memory),
    '\n',
    renderTable(renderTargets(targets)),
  ].join('');
}

function renderMemory(memory: OutputMemory): string {
  const show = (growth: readonly number[]): string => showGrowth(medianOf(growth));
  return renderTable([
    [`worker's resident memory, KiB`, 'after the job', 'at its peak'],
    ['before the first flood', String(memory.coldKiB), ''],
    [`after ${memory.warmUps} floods of ${memory.outputBytes / 1e6} MB each`, String(memory.warmKiB), ''],
    ['growth by a job without output, median', show(memory.quietGrowthKiB), show(memory.quietPeakGrowthKiB)],
    [
      `growth by a flood, cap ${memory.capBytes / 1024} KiB, median`,
      show(memory.growthKiB),
      show(memory.peakGrowthKiB),
    ],
    [`after ${memory.growthKiB.length} more floods`, String(memory.lastKiB), ''],
  ]);
}

function showGrowth(kibibytes: number): string {
  return kibibytes > 0 ? `+${kibibytes}` : String(kibibytes);
}
