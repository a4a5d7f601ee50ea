import { type LimitName, type Limits, limitNames } from '@bullpen/profiles';
import { UsageError } from '../usage-error.ts';
import { parseCount } from './parse-count.ts';
import { parseDuration } from './parse-duration.ts';
import { parseSize } from './parse-size.ts';

/** Some limits, as `--limit`, `--timeout` and `--memory` ask for them. */
export type LimitsAsked = { -readonly [Name in LimitName]?: Limits[Name] };

/**
 * Reads `NAME=VALUE` of `--limit`. The value has the unit in the name: `wallTimeMs=500` (or `2s`), `memoryBytes=67108864` (or `64M`),
 * `processes=8`; `addressSpaceBytes=unlimited` lifts that limit. Throws a UsageError that lists the names or shows the shape.
 */
export function parseLimit(text: string): LimitsAsked {
  const equals = text.indexOf('=');
  if (equals < 1)
    throw new UsageError(`--limit is ${JSON.stringify(text)}: write NAME=VALUE, for instance processes=8.`);
  const name = text.slice(0, equals);
  if (!isLimitName(name)) {
    throw new UsageError(
      `--limit names ${JSON.stringify(name)}, which is no limit: the limits are ${limitNames.join(', ')}.`,
    );
  }
  return { [name]: parseValue(name, text.slice(equals + 1)) };
}

function isLimitName(name: string): name is LimitName {
  return (limitNames as readonly string[]).includes(name);
}

function parseValue(name: LimitName, text: string): number | null {
  const option = `--limit ${name}`;
  if (name === 'addressSpaceBytes' && text === 'unlimited') return null;
  if (name.endsWith('Ms')) return parseDuration(text, option, 'ms');
  if (name.endsWith('Bytes')) return parseSize(text, option);
  return parseCount(text, { option, least: 0, most: Number.MAX_SAFE_INTEGER });
}
