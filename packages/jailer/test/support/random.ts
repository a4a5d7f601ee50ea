/** A small repeatable generator, so that a failing property test can be run again with the seed of its title. */
export function makeRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * below);
  };
}

/** Cuts bytes into pieces of random sizes, empty ones among them. */
export function splitRandomly(bytes: Buffer, random: (below: number) => number, largest = 40): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = random(largest);
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}
