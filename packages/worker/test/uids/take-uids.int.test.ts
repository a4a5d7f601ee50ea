import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { JailerError } from '@bullpen/jailer';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { awaitEmpty } from '../../src/uids/await-empty.ts';
import { isConflict, leaseUids, type LeaseTerms } from '../../src/uids/lease-uids.ts';
import { takeUids, type TakeUidsOptions } from '../../src/uids/take-uids.ts';
import { occupiedUnseen } from '../../src/uids/uid-occupied-error.ts';

let server: TestRedis;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.socket);
});
beforeEach(async () => void (await redis.flushall()));
afterAll(async () => {
  redis.disconnect();
  await server.close();
});

const terms = (workerId: string): LeaseTerms => ({ redis, prefix: '{bullpen}', node: 'a', workerId, ttlMs: 300 });
const uidTaken = new JailerError({ step: 'uid-lock', errno: 0, detail: 'UID 5000 is locked' });

/** Takes two UIDs from the bases in their order; the jailer starts on those that no other jailer has `locked`. */
async function take(
  bases: readonly number[],
  locked: readonly number[],
  change: Partial<TakeUidsOptions<number>> = {},
) {
  const left = [...bases];
  const taken = await takeUids({
    lease: terms('ours'),
    count: 2,
    fixedBase: null,
    remedy: 'choose others',
    choose: () => left.shift() ?? 9000,
    onWait: () => {},
    start: ({ range }) =>
      locked.includes(range.base) ? Promise.reject<number>(uidTaken) : Promise.resolve(range.base),
    ...change,
  });
  return taken.started;
}

async function leaseToOther(base: number): Promise<void> {
  expect(isConflict(await leaseUids({ ...terms('other'), ttlMs: 60_000 }, { base, count: 2 }))).toBe(false);
}

describe('taking UIDs', () => {
  test('goes on to another range when one is locked or leased, and keeps no lease of those', async () => {
    await leaseToOther(6000);
    expect(await take([5000, 5999, 7000], [5000])).toBe(7000);
    const ours = (await redis.keys('*uids/a:*')).filter((key) => !key.includes(':600'));
    expect(ours.sort()).toEqual(['{bullpen}:uids/a:7000', '{bullpen}:uids/a:7001']);
  });

  test('gives up after ten ranges with the reason of the last', async () => {
    await expect(take([], [9000])).rejects.toBe(uidTaken);
    await leaseToOther(9000);
    await expect(take([], [])).rejects.toThrow(
      'UID 9000 of the range 9000 to 9001 is leased to worker other on node a: choose others.',
    );
  });

  test('goes on to another range when a stranger’s process has one, and never for the operator’s', async () => {
    const stranger = spawn('sleep', ['60'], { uid: 5001, stdio: 'ignore' });
    await once(stranger, 'spawn');
    const start: TakeUidsOptions<number>['start'] = async ({ range }) => {
      await awaitEmpty(range, 0);
      return range.base;
    };
    expect(await take([5000, 7000], [], { start })).toBe(7000);
    await expect(take([], [], { start, fixedBase: 5000 })).rejects.toThrow(
      `UID 5001 of the range 5000 to 5001 has a process that no slot started (pid ${stranger.pid}): end it, choose another slotUidBase`,
    );
    stranger.kill('SIGKILL');
    await once(stranger, 'exit');
    expect(await take([], [], { start, fixedBase: 5000 })).toBe(5000);
  });

  test('does not look for other UIDs than the operator’s, nor when the jailer fails for another reason', async () => {
    await expect(take([7000], [5000], { fixedBase: 5000 })).rejects.toBe(uidTaken);
    const broken = new JailerError({ step: 'start', errno: 0, detail: 'it exited with 2' });
    await expect(take([7000], [], { start: () => Promise.reject(broken) })).rejects.toBe(broken);
    expect(await redis.keys('*')).toEqual([]);
  });

  test('waits for a dead worker’s lease on the operator’s UIDs to run out', async () => {
    await leaseUids({ ...terms('dead'), ttlMs: 1000 }, { base: 5001, count: 1 });
    const said: string[] = [];
    // It waits for as long as its own leases last.
    const lease = { ...terms('ours'), ttlMs: 5000 };
    expect(await take([], [], { lease, fixedBase: 5000, onWait: (sentence) => said.push(sentence) })).toBe(5000);
    expect(said).toEqual([
      'UID 5001 of the range 5000 to 5001 is leased to worker dead on node a: unless that worker lives and renews it, the lease runs out in 1 s and is taken over then.',
    ]);
  });

  test('knows from the jailer’s last words which UID a process has that it cannot see itself', () => {
    const line = "bullpen-jailer: slot 1: step prove_empty: Device or resource busy (a process of the slot's user)";
    const error = new JailerError({ step: 'start', errno: 0, detail: `no keeper said HELLO and said: ${line}` });
    const range = { base: 5000, count: 2 };
    expect(occupiedUnseen(range, error)?.message).toBe(
      'UID 5001 of the range 5000 to 5001 has a process that this worker cannot see, in another container of this machine: end it, choose another slotUidBase (`bullpen uids pick`), or leave it to the worker.',
    );
    expect(occupiedUnseen(range, uidTaken)).toBeNull();
  });
});
