import {
  cacheIndexKeys,
  cacheKey,
  type FleetNames,
  doubtsKey,
  findDoubt,
  flightKey,
  parseDoubts,
  type Result,
} from '@bullpen/protocol';
import type { CacheEvent } from '../health/worker-metrics.ts';
import type { Floor } from '../probes/floor.ts';
import type { RedisConnection } from '../redis/connect.ts';
import { type CachedPlan, cacheDigest, type CacheFacts } from './cache-digest.ts';
import { type CacheEntry, readEntry, renderEntry, wasConfined } from './cache-entry.ts';
import { landScript, lookUpScript } from './cache-scripts.ts';
import type { ProfileLayers } from './profile-layers.ts';
import { putOffMs, putOffsMax } from './put-off.ts';

/** A job that asks for the cache, and the queue's token of the worker that has it. */
export interface CacheRequest {
  readonly jobId: string;
  readonly token: string;
  /** How often it was started, this time included. */
  readonly starts: number;
  readonly plan: CachedPlan;
  /** The longest that a run of it can take, in milliseconds. */
  readonly runMsMax: number;
}

/** What becomes of the job: an earlier run answers it, or it waits for one that is under way, or it runs. */
export type CacheAnswer =
  | { readonly kind: 'hit'; readonly entry: CacheEntry }
  | { readonly kind: 'put-off'; readonly delayMs: number }
  | { readonly kind: 'run'; readonly flight: Flight };

/** Must be landed however the run ends, or others wait until the queue has the job back. Landing never rejects. */
export interface Flight {
  /** The run has come to its end: kept if that was no chance; otherwise nobody waits for the next equal job for a while. */
  keep(result: Result): Promise<void>;
  /** The run has not come to its end: the next may try. */
  abandon(): Promise<void>;
}

export interface ResultCache {
  /** Never rejects: without an answer of Redis the job runs. Waits while Redis is away. */
  lookUp(request: CacheRequest): Promise<CacheAnswer>;
}

export interface ResultCacheOptions {
  readonly redis: RedisConnection;
  readonly names: FleetNames;
  readonly floor: Floor;
  readonly ageMs: number;
  /** Entries of more bytes are neither kept nor read. */
  readonly bytesMax: number;
  /** The most bytes of all entries of the fleet together. */
  readonly totalBytesMax: number;
  readonly facts: Omit<CacheFacts, 'layers'>;
  readonly layers: ProfileLayers;
  count(event: CacheEvent): void;
  onError(error: unknown): void;
}

/** How long equal jobs run beside each other after one of them has shown that there is nothing to wait for. */
const aloneMs = 60_000;

interface Place extends CacheRequest {
  readonly digest: string;
}

export function createResultCache(options: ResultCacheOptions): ResultCache {
  const { facts, layers, count, onError } = options;

  async function answer(place: Place): Promise<CacheAnswer> {
    const first = await ask(options, place, 'look');
    const entry = first.kind === 'entry' ? findUsable(options, place, first) : null;
    if (entry !== null) {
      count('hit');
      return { kind: 'hit', entry };
    }
    if (first.kind === 'entry') count('unusable');
    const second = first.kind === 'entry' ? await ask(options, place, 'overlook') : first;
    if (second.kind === 'held' && place.starts <= putOffsMax) {
      count('put-off');
      return { kind: 'put-off', delayMs: putOffMs(second.heldMs) };
    }
    count('miss');
    return { kind: 'run', flight: makeFlight(options, place) };
  }

  return {
    async lookUp(request) {
      try {
        const digest = cacheDigest(request.plan, { ...facts, layers: layers.of(request.plan.job.profile) });
        return await answer({ ...request, digest });
      } catch (error) {
        onError(error);
        return { kind: 'run', flight: noFlight };
      }
    },
  };
}

const noFlight: Flight = { async keep() {}, async abandon() {} };

type LookedUp =
  | { readonly kind: 'entry'; readonly text: string; readonly doubts: string }
  | { readonly kind: 'held'; readonly heldMs: number }
  | { readonly kind: 'alone' | 'taken' };

async function ask(
  { redis, names, bytesMax }: ResultCacheOptions,
  { digest, token, jobId, runMsMax }: Place,
  mode: 'look' | 'overlook',
): Promise<LookedUp> {
  const keys = [cacheKey(names, digest), flightKey(names, digest), doubtsKey(names)];
  const queueKeys = `${names.prefix}:${names.queue}:`;
  const answer = (await redis.eval(lookUpScript, 3, ...keys, token, jobId, queueKeys, runMsMax, bytesMax, mode)) as [
    LookedUp['kind'],
    ...unknown[],
  ];
  const [kind, first, second] = answer;
  if (kind === 'entry') return { kind, text: String(first), doubts: String(second) };
  if (kind === 'held') return { kind, heldMs: Number(first) };
  return { kind };
}

/** Neither damaged, nor in doubt, nor less confined than it would be here. */
function findUsable(
  { floor }: ResultCacheOptions,
  { digest, plan }: Place,
  { text, doubts }: Extract<LookedUp, { kind: 'entry' }>,
): CacheEntry | null {
  const entry = readEntry(text, digest, plan.commands.length);
  if (entry === null || !wasConfined(entry, floor, plan.job.requires ?? [])) return null;
  return findDoubt(parseDoubts(doubts), entry) === null ? entry : null;
}

function makeFlight(options: ResultCacheOptions, { digest, token, jobId, plan }: Place): Flight {
  const { redis, names, ageMs, bytesMax, totalBytesMax, layers, count, onError } = options;
  const lockKey = `${names.prefix}:${names.queue}:${jobId}:lock`;
  const keys = [cacheKey(names, digest), flightKey(names, digest), lockKey, ...cacheIndexKeys(names)];

  async function land(entry: Buffer | null, aloneForMs: number): Promise<void> {
    try {
      const room = [totalBytesMax, cacheKey(names, ''), digest];
      const asked = [token, jobId, entry ?? '', ageMs, aloneForMs, ...room];
      const kept = await redis.eval(landScript, keys.length, ...keys, ...asked);
      if (kept === 'kept') count('kept');
    } catch (error) {
      onError(error);
    }
  }

  return {
    async keep(result) {
      // A jail that turned out to have other layers than those that the digest names is not what others ask for.
      const isAsNamed = layers.confirm(plan.job.profile, result.receipt?.layers ?? []);
      await land(isAsNamed ? renderEntry(digest, result, bytesMax) : null, aloneMs);
    },
    abandon: () => land(null, 0),
  };
}
