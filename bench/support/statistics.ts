/** Order statistics of some measurements, in the unit of the measurements. */
export interface Summary {
  readonly count: number;
  readonly p10: number;
  readonly median: number;
  readonly p90: number;
  readonly p99: number;
}

/** Throws a RangeError when there is nothing to summarize. */
export function summarize(samples: readonly number[]): Summary {
  if (samples.length === 0) throw new RangeError('There is no median of 0 measurements.');
  const sorted = samples.toSorted((one, other) => one - other);
  const at = (quantile: number): number => sorted[Math.round(quantile * (sorted.length - 1))] ?? 0;
  return { count: sorted.length, p10: at(0.1), median: at(0.5), p90: at(0.9), p99: at(0.99) };
}

export function medianOf(samples: readonly number[]): number {
  return summarize(samples).median;
}
