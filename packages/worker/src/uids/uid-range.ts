/** Consecutive UIDs, one per slot. */
export interface UidRange {
  readonly base: number;
  readonly count: number;
}

export function uidsOf({ base, count }: UidRange): number[] {
  return Array.from({ length: count }, (_, index) => base + index);
}

/** `5000`, or `5000 to 5003`. */
export function renderRange({ base, count }: UidRange): string {
  return count === 1 ? String(base) : `${base} to ${base + count - 1}`;
}
