import { placesKey, rateKey, resultKey, type FleetNames } from '@bullpen/protocol';
import type { ProducerConnection } from './connection.ts';

/** How fast requests may come: `perSecond` in the long run, above 0, and `burst` at once after a pause, 1 or more. */
export interface QuotaRate {
  readonly perSecond: number;
  readonly burst: number;
}

/** A place among the jobs of a holder that have not ended, of which there are `atMost`. */
export interface QuotaPlace {
  readonly jobId: string;
  /** Tells two requests for one job apart: each gives back its own place alone. Without spaces. */
  readonly mark: string;
}

/** What is asked for together: it costs one round trip. */
export interface QuotaRequest {
  readonly rate: QuotaRate | null;
  readonly place: (QuotaPlace & { readonly atMost: number }) | null;
}

export interface QuotaAnswer {
  /**
   * `known` has counted the request, and needs no place as long as its job waits, runs or has a result: ask again right before it is submitted.
   * `too-fast` takes nothing. `too-many` has counted the request, and has no place for its job.
   */
  readonly kind: 'taken' | 'known' | 'too-fast' | 'too-many';
  /** Whole requests that may come at once now; 0 without a rate. */
  readonly remaining: number;
  /** Until the next request may come, in milliseconds; 0 where it may. */
  readonly retryAfterMs: number;
  /** Jobs that have places; 0 where none was asked for. */
  readonly jobs: number;
}

/**
 * Counts what several producers do in one name, such as gateways for an API key, in the fleet's Redis: one count for all of them, by the clock of Redis,
 * that outlives them. A place is free again when its job has ended, whoever took it, and when its job is not in the queue `placeGraceMs` after it was
 * taken.
 */
export interface Quotas {
  /** Throws BullpenError `redis-unavailable`: then nothing is known to be taken. */
  take(holder: string, request: QuotaRequest): Promise<QuotaAnswer>;
  /** Frees the place of a job that is not submitted after all. Throws BullpenError `redis-unavailable`: then it is free after its grace. */
  giveBack(holder: string, place: QuotaPlace): Promise<void>;
}

/** How long a job may be on its way to the queue after its place was taken, in milliseconds. */
export const placeGraceMs = 15_000;

/** How many places are looked at before a job is refused, those first that were not looked at for longest. */
const looks = 100;
/** Longer than jobs wait, and no reason to keep the names of keys for ever. */
const placesTtlMs = 31 * 86_400_000;

/**
 * The rate is a bucket of tokens, of which it is kept when it will be full again, in microseconds. Nothing can make it emptier than empty, neither another rate nor
 * a clock that was set back. A place's score is when it was taken, or when its job was last seen not to have ended: the queue's own record says so, and a
 * stored result of a job without a record says that it has.
 */
const takeScript = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function write(number) return string.format('%.0f', number) end

local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local remaining = 0
if interval > 0 then
  local empty = now + interval * burst
  local before = math.min(math.max(tonumber(redis.call('GET', KEYS[1]) or now), now), empty)
  local after = math.floor(before + interval)
  if after > empty + 1 then return {'too-fast', 0, math.ceil((after - empty) / 1000), 0} end
  redis.call('SET', KEYS[1], write(after), 'PX', write(math.ceil((after - now) / 1000) + 1))
  remaining = math.max(0, math.floor((empty + 1 - after) / interval))
end

local atMost, jobId, place = tonumber(ARGV[3]), ARGV[4], ARGV[4] .. ' ' .. ARGV[5]
if atMost == 0 then return {'taken', remaining, 0, 0} end
local function stateOf(id)
  if redis.call('EXISTS', ARGV[6] .. id) == 1 then
    return redis.call('HEXISTS', ARGV[6] .. id, 'finishedOn') == 1 and 'ended' or 'there'
  end
  return redis.call('EXISTS', ARGV[7] .. id) == 1 and 'ended' or 'missing'
end
local function freePlaces()
  local entries = redis.call('ZRANGE', KEYS[2], 0, ARGV[8] - 1, 'WITHSCORES')
  for index = 1, #entries, 2 do
    local state = stateOf(string.match(entries[index], '^%S+'))
    local isOverdue = math.abs(now - entries[index + 1]) > ARGV[9] * 1000
    if state == 'there' then redis.call('ZADD', KEYS[2], write(now), entries[index])
    elseif state == 'ended' or isOverdue then redis.call('ZREM', KEYS[2], entries[index]) end
  end
end

local jobs = redis.call('ZCARD', KEYS[2])
-- Whose result is gone may be run once more.
local isKnown = stateOf(jobId) == 'there' or redis.call('EXISTS', ARGV[7] .. jobId) == 1
if isKnown then return {'known', remaining, 0, jobs} end
if not redis.call('ZSCORE', KEYS[2], place) then
  if jobs >= atMost then freePlaces() end
  jobs = redis.call('ZCARD', KEYS[2])
  if jobs >= atMost then return {'too-many', remaining, 0, jobs} end
  jobs = jobs + 1
end
redis.call('ZADD', KEYS[2], write(now), place)
redis.call('PEXPIRE', KEYS[2], ARGV[10])
return {'taken', remaining, 0, jobs}
`;

type Take = (...keysAndArguments: (string | number)[]) => Promise<[QuotaAnswer['kind'], number, number, number]>;

export interface QuotasOptions {
  readonly connection: Pick<ProducerConnection, 'redis'>;
  readonly names: FleetNames;
  readonly graceMs?: number;
}

export function openQuotas({ connection, names, graceMs = placeGraceMs }: QuotasOptions): Quotas {
  const { redis } = connection;
  // Redis is sent the hash of the script alone, once it knows it.
  redis.defineCommand('bullpenTakeQuota', { numberOfKeys: 2, lua: takeScript });
  const { bullpenTakeQuota: run } = redis as unknown as { readonly bullpenTakeQuota: Take };
  const records = `${names.prefix}:${names.queue}:`;
  const results = resultKey(names, '');
  return {
    async take(holder, { rate, place }) {
      const bucket = rate === null ? [0, 0] : [1_000_000 / rate.perSecond, rate.burst];
      const wish = [place?.atMost ?? 0, place?.jobId ?? '', place?.mark ?? ''];
      const looked = [records, results, looks, graceMs, placesTtlMs];
      const keys = [rateKey(names, holder), placesKey(names, holder)];
      const [kind, remaining, retryAfterMs, jobs] = await run.call(redis, ...keys, ...bucket, ...wish, ...looked);
      return { kind, remaining, retryAfterMs, jobs };
    },
    async giveBack(holder, { jobId, mark }) {
      await redis.zrem(placesKey(names, holder), `${jobId} ${mark}`);
    },
  };
}
