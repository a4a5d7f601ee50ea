/** After so many starts a job waits for no other any longer: it must come to an end long before its starts do. */
export const putOffsMax = 100;

/** Pauses before a job that waits for an equal one is looked at again. */
const pausesMs = { shortest: 50, longest: 30_000 };

/**
 * Half of the time that the other has run already, so that waiting lengthens what it waits for by half at most, and a job is started a few dozen
 * times for another that runs for half an hour. A quarter of it is random: those that wait together do not come back together.
 */
export function putOffMs(otherRunsMs: number, random: () => number = Math.random): number {
  const full = Math.min(Math.max(otherRunsMs / 2, pausesMs.shortest), pausesMs.longest);
  return Math.round(full * (0.75 + random() / 4));
}
