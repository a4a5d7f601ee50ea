/** One row of a benchmark: a way to do the thing, measured in batches. */
export interface Contestant {
  readonly name: string;
  /** Measures once per item and returns rows of milliseconds. */
  measure(count: number): Promise<readonly (readonly number[])[]>;
}

export interface TurnsOptions {
  readonly rounds: number;
  /** Measurements of each contestant in one round. */
  readonly batch: number;
  readonly onRound: (round: number) => void;
}

/**
 * Rounds in which every contestant has one turn, so that noise of the machine hits all alike; each round starts with the next one,
 * so that none always follows the same neighbour. A first round is thrown away.
 */
export async function takeTurns(
  contestants: readonly Contestant[],
  { rounds, batch, onRound }: TurnsOptions,
): Promise<ReadonlyMap<string, readonly (readonly number[])[]>> {
  const samples = new Map<string, (readonly number[])[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    onRound(round);
    const start = round % contestants.length;
    for (const contestant of [...contestants.slice(start), ...contestants.slice(0, start)]) {
      const rows = await contestant.measure(batch);
      if (round > 0) samples.get(contestant.name)?.push(...rows);
    }
  }
  return samples;
}
