import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../../../tests/support/eventually.ts';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { keepLease } from '../../src/uids/keep-lease.ts';
import { isConflict, leaseUids, type LeaseTerms, type UidLease } from '../../src/uids/lease-uids.ts';

let server: TestRedis;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.socket, { maxRetriesPerRequest: null });
  redis.on('error', () => {});
});
beforeEach(async () => void (await redis.flushall()));
afterAll(async () => {
  redis.disconnect();
  await server.close();
});

const terms = (workerId: string, change: Partial<LeaseTerms> = {}): LeaseTerms => ({
  redis,
  prefix: '{bullpen}',
  node: 'node-a',
  workerId,
  ttlMs: 5000,
  ...change,
});

async function take(
  workerId: string,
  base: number,
  count: number,
  change: Partial<LeaseTerms> = {},
): Promise<UidLease> {
  const lease = await leaseUids(terms(workerId, change), { base, count });
  if (isConflict(lease)) throw new Error(`UID ${lease.uid} is held by ${lease.holder}`);
  return lease;
}

const tokenOf = (lease: UidLease): number => Number(lease.value.split(' ')[0]);

describe('a lease of UIDs', () => {
  test('covers each UID: ranges that overlap in part are refused, whole and with the holder’s name', async () => {
    await take('first', 5000, 4);
    expect(await leaseUids(terms('second'), { base: 4998, count: 3 })).toMatchObject({ uid: 5000, holder: 'first' });
    expect(await leaseUids(terms('second'), { base: 5003, count: 1 })).toMatchObject({ uid: 5003, holder: 'first' });
    await take('second', 4998, 2);
    await take('second', 5004, 2);
  });

  test('is one machine’s: another node has UIDs of its own', async () => {
    await take('first', 5000, 4);
    await take('second', 5000, 4, { node: 'node-b' });
  });

  test('has a token larger than all before it, also when all were given back', async () => {
    const first = await take('first', 5000, 1);
    const second = await take('second', 6000, 1);
    expect(tokenOf(second)).toBeGreaterThan(tokenOf(first));
    await first.release();
    await second.release();
    expect(await redis.keys('*')).toEqual([]);
    await eventually('a millisecond has gone by', async () => {
      const third = await take('third', 5000, 1);
      await third.release();
      return tokenOf(third) > tokenOf(second);
    });
  });

  test('runs out, and then is another’s; what its first holder does afterwards changes nothing', async () => {
    const first = await take('first', 5000, 2, { ttlMs: 50 });
    await eventually('it has run out', async () => (await redis.keys('*node-a*')).length === 0);
    const second = await take('second', 5001, 2);
    expect(await first.renew()).toMatchObject({ uid: 5001, holder: 'second' });
    await first.release();
    expect(await second.renew()).toBeNull();
    expect(await redis.keys('*node-a:5000')).toEqual([]);
  });

  test('is renewed by a Redis whose memory is full, which gives out no other', async () => {
    const lease = await take('first', 5000, 2, { ttlMs: 50_000 });
    await redis.config('SET', 'maxmemory', '1');
    try {
      const keys = await redis.keys('*node-a:500*');
      await Promise.all(keys.map((key) => redis.pexpire(key, 20_000)));
      expect(await lease.renew()).toBeNull();
      for (const key of keys) expect(await redis.pttl(key)).toBeGreaterThan(20_000);
      await expect(leaseUids(terms('second'), { base: 6000, count: 1 })).rejects.toThrow('OOM');
    } finally {
      await redis.config('SET', 'maxmemory', '0');
    }
  });

  test('that Redis lost is taken back by its holder', async () => {
    const lease = await take('first', 5000, 2);
    await redis.flushall();
    expect(await lease.renew()).toBeNull();
    expect(await leaseUids(terms('second'), { base: 5001, count: 1 })).toMatchObject({ uid: 5001, holder: 'first' });
  });
});

describe('keeping a lease', () => {
  function keep(lease: UidLease, ttlMs: number) {
    const seen: unknown[] = [];
    const kept = keepLease({
      lease,
      ttlMs,
      onLost: (error) => seen.push(error.message),
      onDoubt: (inDoubt) => seen.push(inDoubt),
      onError: (error) => seen.push(error),
    });
    return { seen, kept };
  }

  test('holds it for longer than its time to live', async () => {
    const { seen, kept } = keep(await take('first', 5000, 2, { ttlMs: 3000 }), 3000);
    await new Promise((resolve) => setTimeout(resolve, 4500));
    expect(await leaseUids(terms('second'), { base: 5000, count: 1 })).toMatchObject({ holder: 'first' });
    kept.close();
    expect(seen).toEqual([]);
  });

  test('says so when another has it', async () => {
    const lease = await take('first', 5000, 2, { ttlMs: 2400 });
    await redis.flushall();
    await take('second', 5001, 1);
    const { seen } = keep(lease, 2400);
    await eventually('it is noticed', () => seen.length > 0);
    expect(seen).toEqual([expect.stringContaining('The lease of UID 5001 was lost to second')]);
  });

  test('is in doubt while Redis does not answer, and no longer when it does', async () => {
    const { seen, kept } = keep(await take('first', 5000, 2, { ttlMs: 900 }), 900);
    server.signal('SIGSTOP');
    await eventually('it is in doubt', () => seen.includes(true));
    server.signal('SIGCONT');
    await eventually('it is sure again', () => seen.includes(false));
    kept.close();
    expect(seen).toEqual([true, false]);
  });
});
