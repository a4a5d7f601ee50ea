/**
 * Measures until the answer is below the bound, ten times at most, and returns the least: a busy machine may delay any one of them, and of what
 * is too slow by itself none comes below.
 */
export async function leastOf(below: number, measure: () => number | Promise<number>): Promise<number> {
  let least = await measure();
  for (let attempt = 1; attempt < 10 && least >= below; attempt += 1) least = Math.min(least, await measure());
  return least;
}
