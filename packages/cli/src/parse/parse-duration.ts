import { UsageError } from '../usage-error.ts';

const factors = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 } as const;

type DurationUnit = keyof typeof factors;

/**
 * Reads a duration such as `500ms`, `2s`, `1.5m` or `1h` into whole milliseconds; `plainUnit` is the unit of a plain number.
 * Throws a UsageError that names `option` and the text; a duration shorter than a millisecond is refused too.
 */
export function parseDuration(text: string, option: string, plainUnit: 'ms' | 's'): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*(ms|s|min|m|h)?$/.exec(text.trim()) ?? [];
  const milliseconds = Math.round(Number(number) * factors[(unit ?? plainUnit) as DurationUnit]);
  if (!Number.isSafeInteger(milliseconds) || milliseconds < 1) {
    throw new UsageError(
      `${option} is ${JSON.stringify(text)}: write a duration such as 500ms, 2s or 1m, at least 1ms.`,
    );
  }
  return milliseconds;
}
