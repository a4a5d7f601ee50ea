import { BullpenError, type LayerName } from '@bullpen/protocol';
import type { JobVerdict } from '../queue-door.ts';
import { knownLayers, type Roster } from '../redis/keep-roster.ts';

/** A job whose jail lacked what the job requires, or this worker's floor: nothing of it was run. */
export interface Refusal {
  readonly profile: string;
  readonly required: readonly LayerName[];
  readonly missing: readonly LayerName[];
  /** Whether what is missing is missing from the floor. */
  readonly isBelowFloor: boolean;
  /** What the jail had. */
  readonly layers: readonly { readonly name: string }[];
}

/** After so many starts nobody waits any longer for a worker that could run the job and never gets it. */
export const handOversMax = 250;

/** First pause before a job that was handed over can be taken; it doubles up to the longest, which grows slowly. Half of each is random. */
const pausesMs = { first: 50, longest: 1000, longestGrowth: 100 };

/**
 * What becomes of a refused job: while another worker of the fleet says that it could run it, it goes back into the queue and keeps its
 * attempts. Throws BullpenError `confinement-refused` otherwise: an attempt is spent, and after the last one the job has failed.
 */
export async function handOver(
  roster: Pick<Roster, 'learn' | 'hasOther'>,
  refusal: Refusal,
  starts: number,
): Promise<Extract<JobVerdict, { kind: 'hand-over' }>> {
  const { profile, required, isBelowFloor, layers } = refusal;
  roster.learn(profile, isBelowFloor ? null : knownLayers(layers));
  if (starts > handOversMax)
    throw refusedError(refusal, `none that has what it requires got it in ${handOversMax} tries`);
  if (!(await roster.hasOther(profile, required)))
    throw refusedError(refusal, 'no other worker of the fleet has what it requires');
  return { kind: 'hand-over', delayMs: handOverDelayMs(starts) };
}

function refusedError(refusal: Refusal, others: string): BullpenError {
  const { profile, required, missing, isBelowFloor, layers } = refusal;
  const has = layers.map(({ name }) => name).join(', ') || 'none';
  const jails = `ails of profile ${profile} on this worker have no ${missing.join(' and no ')} (they have ${has})`;
  return new BullpenError(
    'confinement-refused',
    isBelowFloor
      ? `J${jails}, which is below its floor; ${others}: mend the worker, or add another.`
      : `The job requires ${required.join(', ')}, and j${jails}; ${others}: add a worker that has, or require less.`,
  );
}

/** So that workers which cannot run a job do not take it from each other all the time, and the one that can finds it in the queue. */
export function handOverDelayMs(starts: number, random: () => number = Math.random): number {
  const { first, longest, longestGrowth } = pausesMs;
  const full = Math.min(first * 2 ** Math.min(starts - 1, 20), longest + longestGrowth * starts);
  return Math.round(full / 2 + random() * (full / 2));
}
