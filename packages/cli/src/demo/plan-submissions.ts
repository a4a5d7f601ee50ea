import type { Sample } from './sample.ts';

/**
 * `total` submissions: each sample in proportion to its weight and in any case once (when there is room), well mixed and the same
 * ones every time, so that two runs can be compared.
 */
export function planSubmissions(samples: readonly Sample[], total: number): Sample[] {
  return mix(countEach(samples, total).flatMap(([sample, count]) => Array.from({ length: count }, () => sample)));
}

/** One for each sample, and the rest by the largest shortfall against its share. */
function countEach(samples: readonly Sample[], total: number): [Sample, number][] {
  const weights = samples.reduce((sum, { weight }) => sum + weight, 0);
  const counts = samples.slice(0, total).map((sample): [Sample, number] => [sample, 1]);
  const shortfall = ([{ weight }, count]: [Sample, number]): number => (weight / weights) * total - count;
  for (let placed = counts.length; placed < total && counts.length > 0; placed += 1) {
    const neediest = counts.reduce((best, entry) => (shortfall(entry) > shortfall(best) ? entry : best));
    neediest[1] += 1;
  }
  return counts;
}

/** Fisher and Yates with a small generator of fixed seed. */
function mix<Item>(items: readonly Item[]): Item[] {
  const mixed = [...items];
  let seed = 20_260_101;
  for (let last = mixed.length - 1; last > 0; last -= 1) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    const other = seed % (last + 1);
    [mixed[last], mixed[other]] = [mixed[other] as Item, mixed[last] as Item];
  }
  return mixed;
}
