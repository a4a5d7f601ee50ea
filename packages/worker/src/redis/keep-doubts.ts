import { setTimeout as delay } from 'node:timers/promises';
import { type Doubt, doubtsKey, type FleetNames, parseDoubts } from '@bullpen/protocol';
import type { FailedRound } from '../probes/judge-probes.ts';
import { addDoubts, settleDoubts } from '../probes/doubts.ts';
import type { RedisConnection } from './connect.ts';

export interface KeepDoubtsOptions {
  readonly redis: RedisConnection;
  readonly names: FleetNames;
  readonly workerId: string;
  /** How long this worker's results are kept, and so what is in doubt about them. */
  readonly resultTtlMs: number;
  onError(error: unknown): void;
}

/** Says in Redis which of this worker's results are in doubt. Calls take effect one after the other, and wait while Redis is away. */
export interface DoubtKeeper {
  raise(rounds: readonly FailedRound[]): void;
  /** Probes pass again: what is published from now on is in no doubt. */
  settle(): void;
  /** Waits a moment for what is not written yet. */
  close(): Promise<void>;
}

/** Writes only if nobody has written since it was read. */
const script = `
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
if ARGV[2] == '[]' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3]) end
return 1
`;

/** Other workers of the fleet write here when their probes fail: rarely, and not for long. */
const triesMax = 100;
/** A Redis that is away keeps nobody from ending. */
const closeMs = 2000;

export function keepDoubts({ redis, names, workerId, resultTtlMs, onError }: KeepDoubtsOptions): DoubtKeeper {
  const key = doubtsKey(names);
  let last: Promise<void> = Promise.resolve();

  async function write(change: (doubts: readonly Doubt[]) => readonly Doubt[]): Promise<void> {
    for (let tries = 0; tries < triesMax; tries += 1) {
      const before = await redis.get(key);
      const after = change(parseDoubts(before));
      const expiresAt = Math.max(...after.map((doubt) => doubt.expiresAt), Date.now() + 1);
      const text = JSON.stringify(after);
      if (text === (before ?? '[]')) return;
      if ((await redis.eval(script, 1, key, before ?? '', text, Math.ceil(expiresAt))) === 1) return;
    }
    throw new Error(`The doubts of the fleet could not be written in ${triesMax} tries: others write all the time.`);
  }

  function after(change: (doubts: readonly Doubt[]) => readonly Doubt[]): void {
    last = last.then(() => write(change)).catch(onError);
  }

  return {
    raise(rounds) {
      const nowMs = Date.now();
      const added = rounds.map((round) => ({
        ...round,
        worker: workerId,
        until: null,
        expiresAt: nowMs + resultTtlMs,
      }));
      after((doubts) => addDoubts(doubts, added, nowMs));
    },
    settle() {
      const nowMs = Date.now();
      after((doubts) => settleDoubts(doubts, workerId, { nowMs, expiresAt: nowMs + resultTtlMs }));
    },
    async close() {
      const timer = new AbortController();
      await Promise.race([last, delay(closeMs, undefined, { signal: timer.signal }).catch(() => {})]);
      timer.abort();
    },
  };
}
