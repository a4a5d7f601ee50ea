import { UsageError } from '../usage-error.ts';

export interface CountBounds {
  /** How the caller named it, for the sentence. */
  readonly option: string;
  readonly least: number;
  readonly most: number;
}

/** Reads a whole number within its bounds. Throws a UsageError that names the option, the text and the bounds. */
export function parseCount(text: string, { option, least, most }: CountBounds): number {
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(count) && count >= least && count <= most) return count;
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new UsageError(`${option} is ${JSON.stringify(text)}: write a whole number ${range}.`);
}
