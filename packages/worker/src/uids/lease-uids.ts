import type { RedisConnection } from '../redis/connect.ts';
import { releaseScript, renewScript, takeScript } from './lease-scripts.ts';
import { type UidRange, uidsOf } from './uid-range.ts';

/** Where and for whom UIDs are leased. */
export interface LeaseTerms {
  readonly redis: RedisConnection;
  /** Prefix of the keys; all fleets of one prefix share the leases. */
  readonly prefix: string;
  /** What tells the machines apart whose UIDs are counted separately. */
  readonly node: string;
  readonly workerId: string;
  /** How long a lease holds without being renewed, in milliseconds. */
  readonly ttlMs: number;
}

export interface UidLease {
  readonly range: UidRange;
  /** The fencing token, larger than that of every earlier lease, and the worker. */
  readonly value: string;
  /** Null once renewed; else who holds a UID of the range now. Waits while Redis is away. */
  renew(): Promise<UidConflict | null>;
  /** Gives back what is still ours. */
  release(): Promise<void>;
}

export interface UidConflict {
  readonly uid: number;
  readonly holder: string;
  /** When the holder's lease runs out unless it is renewed, in milliseconds from now. */
  readonly runsOutInMs: number;
}

/** Leases all UIDs of a range on its node, or none: then the answer says which is taken. Waits while Redis is away. */
export async function leaseUids(terms: LeaseTerms, range: UidRange): Promise<UidLease | UidConflict> {
  const { redis, prefix, node, workerId, ttlMs } = terms;
  const uids = uidsOf(range);
  const keys = uids.map((uid) => `${prefix}:uids/${node}:${uid}`);
  const counter = `${prefix}:uids/token`;
  const answer = await redis.eval(takeScript, keys.length + 1, counter, ...keys, workerId, ttlMs);
  if (Array.isArray(answer)) return readConflict(answer, uids);
  const value = String(answer);
  return {
    range,
    value,
    async renew() {
      const renewed = await redis.eval(renewScript, keys.length, ...keys, value, ttlMs);
      return Array.isArray(renewed) ? readConflict(renewed, uids) : null;
    },
    async release() {
      await redis.eval(releaseScript, keys.length + 1, counter, ...keys, value, value.split(' ')[0] ?? '');
    },
  };
}

export function isConflict(answer: UidLease | UidConflict): answer is UidConflict {
  return 'holder' in answer;
}

function readConflict([place, value, left]: readonly unknown[], uids: readonly number[]): UidConflict {
  const [, holder = 'an unknown worker'] = String(value).split(' ');
  return { uid: uids[Number(place)] ?? 0, holder, runsOutInMs: Number(left) };
}
