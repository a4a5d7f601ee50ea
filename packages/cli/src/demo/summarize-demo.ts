import type { Judgement } from './judge-sample.ts';
import type { Sample } from './sample.ts';

/** All submissions of one sample. */
export interface DemoRow {
  readonly sample: Sample;
  readonly submissions: number;
  /** Each outcome that was seen, and how often. */
  readonly seen: Readonly<Record<string, number>>;
  readonly different: number;
  /** Of the first one that was not as expected. */
  readonly details: string | null;
}

const classes = ['good', 'wrong', 'hostile'];

/** One row per sample: good ones first, then wrong and hostile ones, each by profile. */
export function summarizeDemo(judgements: readonly Judgement[]): DemoRow[] {
  const bySample = Map.groupBy(judgements, ({ sample }) => sample);
  return [...bySample]
    .map(([sample, group]) => summarizeSample(sample, group))
    .toSorted((left, right) => orderOf(left).localeCompare(orderOf(right)));
}

function summarizeSample(sample: Sample, group: readonly Judgement[]): DemoRow {
  const seen: Record<string, number> = {};
  for (const judgement of group) seen[judgement.seen] = (seen[judgement.seen] ?? 0) + 1;
  const different = group.filter(({ asExpected }) => !asExpected);
  return {
    sample,
    submissions: group.length,
    seen,
    different: different.length,
    details: different[0]?.details ?? null,
  };
}

function orderOf({ sample }: DemoRow): string {
  return `${classes.indexOf(sample.class)} ${sample.file}`;
}
