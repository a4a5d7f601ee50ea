import { apiKeySchema, type KeyCeilings, type KeyRate, type KeyWish, type Scope, scopes } from '@bullpen/gateway';
import { limitsSchema } from '@bullpen/profiles';
import { UsageError } from '../usage-error.ts';
import { parseCount } from './parse-count.ts';
import { parseDuration } from './parse-duration.ts';
import { parseSize } from './parse-size.ts';

/** Options of a new API key, as texts of the command line. */
export interface KeyOptions {
  readonly scope?: readonly string[];
  readonly profile?: readonly string[];
  readonly priority?: readonly string[];
  readonly wallTime?: string;
  readonly memory?: string;
  readonly disk?: string;
  readonly jobs?: string;
  readonly rate?: string;
  readonly burst?: string;
  readonly expires?: string;
}

const usualScopes: readonly Scope[] = ['jobs:submit', 'jobs:read', 'jobs:cancel'];
const priorities = ['interactive', 'batch'] as const;
const most = Number.MAX_SAFE_INTEGER;

/** Reads what a new key shall be. Throws a UsageError that names the option. */
export function readKeyWish(name: string, options: KeyOptions): KeyWish {
  const isName = apiKeySchema.shape.name.safeParse(name);
  if (!isName.success) throw new UsageError(`The name ${JSON.stringify(name)} ${isName.error.issues[0]?.message}.`);
  return {
    name,
    scopes: options.scope?.map((word) => oneOf(word, scopes, '--scope')) ?? [...usualScopes],
    ceilings: readCeilings(options),
    rate: readRate(options),
    expiresAt: readExpiry(options.expires),
  };
}

function readCeilings({ profile, priority, wallTime, memory, disk, jobs }: KeyOptions): KeyCeilings {
  return {
    ...(profile === undefined ? {} : { profiles: [...profile] }),
    ...(priority === undefined ? {} : { priorities: priority.map((word) => oneOf(word, priorities, '--priority')) }),
    ...(wallTime === undefined ? {} : { wallTimeMs: parseDuration(wallTime, '--wall-time', 's') }),
    ...(memory === undefined
      ? {}
      : {
          memoryBytes: readLimit('memoryBytes', parseSize(memory, '--memory'), `--memory is ${JSON.stringify(memory)}`),
        }),
    ...(disk === undefined
      ? {}
      : { diskBytes: readLimit('diskBytes', parseSize(disk, '--disk'), `--disk is ${JSON.stringify(disk)}`) }),
    ...(jobs === undefined ? {} : { jobs: parseCount(jobs, { option: '--jobs', least: 1, most }) }),
  };
}

/** A ceiling below what every job needs would let none run: most often its unit was forgotten. */
function readLimit(limit: 'memoryBytes' | 'diskBytes', bytes: number, given: string): number {
  const { minValue: least } = limitsSchema.shape[limit];
  if (least === null || bytes >= least) return bytes;
  throw new UsageError(`${given}, which is ${bytes} bytes: a job needs at least ${least}; write a unit, as in 64M.`);
}

function readRate({ rate, burst }: KeyOptions): KeyRate | null {
  if (rate === undefined) {
    if (burst !== undefined) throw new UsageError('--burst needs a --rate: write both, or none.');
    return null;
  }
  const perSecond = Number(rate);
  if (!(perSecond > 0 && perSecond <= 100_000))
    throw new UsageError(
      `--rate is ${JSON.stringify(rate)}: write requests per second, more than 0 and at most 100000.`,
    );
  const usual = Math.max(1, Math.ceil(perSecond));
  return {
    perSecond,
    burst: burst === undefined ? usual : parseCount(burst, { option: '--burst', least: 1, most: 1_000_000 }),
  };
}

function readExpiry(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (apiKeySchema.shape.expiresAt.safeParse(text).success) return text;
  throw new UsageError(`--expires is ${JSON.stringify(text)}: write a UTC time such as 2030-01-31T12:00:00Z.`);
}

function oneOf<const Word extends string>(text: string, words: readonly Word[], option: string): Word {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw new UsageError(`${option} is ${JSON.stringify(text)}: write one of ${words.join(', ')}.`);
}
