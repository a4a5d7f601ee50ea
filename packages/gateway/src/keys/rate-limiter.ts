import type { KeyRate } from './api-key.ts';

/** What a request may know of its rate. */
export interface RateAnswer {
  readonly allowed: boolean;
  /** Whole requests that may come at once now. */
  readonly remaining: number;
  /** Seconds until the next request is allowed; 0 when it is. */
  readonly retryAfterS: number;
}

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

/** A bucket of tokens for each key, filled steadily. There are no more buckets than keys, so none is ever removed. */
export function createRateLimiter(now: () => number = () => performance.now()) {
  const buckets = new Map<string, Bucket>();
  return {
    /** Takes one token of the key's bucket, if there is one. */
    take(name: string, { perSecond, burst }: KeyRate): RateAnswer {
      const atMs = now();
      const bucket = buckets.get(name) ?? { tokens: burst, filledAtMs: atMs };
      buckets.set(name, bucket);
      bucket.tokens = Math.min(burst, bucket.tokens + ((atMs - bucket.filledAtMs) / 1000) * perSecond);
      bucket.filledAtMs = atMs;
      const allowed = bucket.tokens >= 1;
      if (allowed) bucket.tokens -= 1;
      return {
        allowed,
        remaining: Math.floor(bucket.tokens),
        retryAfterS: allowed ? 0 : Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond)),
      };
    },
  };
}

export type RateLimiter = ReturnType<typeof createRateLimiter>;
