import { createHash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createClient } from '@bullpen/client';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { expectAll, follow, shellJob, wait } from './support/follow.ts';
import { whatRedisHears } from './support/monitor.ts';

const mebibyte = 1_048_576;

let fleet: Fleet;
let redis: Redis;
beforeAll(async () => {
  fleet = await startFleet({ BULLPEN_SLOTS: '1', BULLPEN_OUTPUT_BUDGET_BYTES: `${32 * mebibyte}` });
  redis = new Redis(fleet.redisSocket);
});
afterAll(async () => {
  redis?.disconnect();
  await fleet?.close();
});

const submit = (...scripts: readonly string[]) => fleet.client.submit(shellJob(...scripts));

describe('the output of a job', () => {
  test('is seen while its program runs', async () => {
    const handle = await submit('echo one; echo two >&2; sleep 600');
    // The program sleeps for longer than anybody waits: nothing but what was seen of it ends the job.
    const seen = await follow(handle, async (so) => {
      if (so.text() === 'one\n' && so.text('stderr') === 'two\n') await handle.cancel();
    });
    expect((await expectAll(seen, handle)).state).toBe('cancelled');
  });

  test('is seen in the order of time, before the program ends by itself', async () => {
    const handle = await submit('for i in {1..20}; do echo $i; sleep 0.1; done');
    const arrivals: number[] = [];
    const seen = await follow(handle, () => arrivals.push(Date.now()));
    const { finishedAt } = await expectAll(seen, handle);
    expect(arrivals.filter((time) => time < finishedAt).length).toBeGreaterThan(2);
    expect(arrivals).toEqual(arrivals.toSorted((a, b) => a - b));
  });

  test('comes byte for byte, whatever the bytes, of all commands and both streams', async () => {
    const handle = await submit(
      'printf "\\0\\377\\376 \\r\\n"; head -c 100000 /dev/urandom; head -c 70000 /dev/urandom >&2',
      'head -c 3 /dev/zero >&2; echo second',
    );
    const seen = await follow(handle);
    expect((await expectAll(seen, handle)).commands).toHaveLength(2);
    expect(seen.of('stdout').length).toBe(100_006);
    expect(seen.text('stdout', 1)).toBe('second\n');
  });

  test('of a job that waits is waited for, of one that has ended comes at once', async () => {
    const blocker = await submit('echo blocks; sleep 600');
    const waiting = await submit('echo mine');
    const following = follow(waiting);
    await follow(blocker, async () => {
      expect(await waiting.state()).toBe('waiting');
      await blocker.cancel();
    });
    expect((await following).text()).toBe('mine\n');
    expect((await follow(waiting)).text()).toBe('mine\n');
  });

  test('comes from its beginning to everybody who follows, also to those who come late', async () => {
    const handle = await submit('head -c 300000 /dev/urandom; echo half; until false; do sleep 0.1; echo .; done');
    const other = createClient({ connection: fleet.redisSocket });
    const late: Promise<string>[] = [];
    const hasMuch = (so: { of(stream: 'stdout'): Buffer }): boolean => so.of('stdout').byteLength > 300_010;
    const seen = await follow(handle, (so) => {
      if (late.length > 0 || !hasMuch(so)) return;
      // Both leave as soon as they have everything that this one has: none of it came from the result.
      for (const client of [fleet.client, other]) late.push(digestOf(client.job(handle.id), 300_005));
      void Promise.all(late).then(() => handle.cancel());
    });
    await expectAll(seen, handle);
    const expected = createHash('sha256').update(seen.of('stdout').subarray(0, 300_005)).digest('hex');
    expect(await Promise.all(late)).toEqual([expected, expected]);
    await other.close();
  });

  test('ends with a fault where the job does, behind what was heard', async () => {
    const job = { ...shellJob('true'), requires: ['apparmor' as const, 'classic' as const], attempts: 1 };
    const handle = await fleet.client.submit(job);
    await expect(follow(handle)).rejects.toMatchObject({ code: 'confinement-refused' });
    await expect(follow(fleet.client.job('never-submitted'))).rejects.toMatchObject({ code: 'result-missing' });
  });
});

/** Of the first bytes of standard output, and then leaves. */
async function digestOf(handle: Parameters<typeof follow>[0], bytes: number): Promise<string> {
  let got = Buffer.alloc(0);
  for await (const item of handle.output(wait)) {
    if (item.kind === 'output') got = Buffer.concat([got, item.bytes]);
    if (got.byteLength >= bytes) break;
  }
  return createHash('sha256').update(got.subarray(0, bytes)).digest('hex');
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
function aliveBytes(): number {
  // Buffers that the first finds dead are counted until the second.
  collectGarbage();
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test('a flood of 10 MB costs a follower who does not read a few MiB, and loses nothing', async () => {
  const handle = await submit('head -c 10000000 /dev/urandom; echo end >&2; sleep 600');
  const before = aliveBytes();
  let peak = 0;
  const seen = await follow(handle, async ({ items }) => {
    if (items.length > 1) return;
    // Another one makes the worker tell everything from the beginning, while this one does not read.
    for await (const item of fleet.client.job(handle.id).output(wait))
      if (item.kind === 'output' && item.stream === 'stderr') break;
    peak = aliveBytes() - before;
    await handle.cancel();
  });
  expect(peak).toBeLessThan(6 * mebibyte);
  await expectAll(seen, handle);
  expect(seen.of('stdout').byteLength).toBe(10_000_000);
});

test('connections of listeners that are cut in the middle lose nothing', async () => {
  const handle = await submit('for i in {1..2000}; do echo $i; echo e$i >&2; ((i % 100)) || sleep 0.05; done');
  let cuts = 0;
  const seen = await follow(handle, async ({ items }) => {
    if (items.length % 7 !== 1 || cuts === 3) return;
    cuts += Number(await redis.client('KILL', 'TYPE', 'PUBSUB')) > 0 ? 1 : 0;
  });
  expect(cuts).toBeGreaterThan(0);
  await expectAll(seen, handle);
  expect(seen.text().split('\n')).toHaveLength(2001);
});

test('a connection that is cut while the program runs is made again, and the output goes on', async () => {
  const handle = await submit('echo before; for i in {1..600}; do sleep 0.1; echo .; done');
  let atCut: number | null = null;
  const seen = await follow(handle, async (so) => {
    const { length } = so.text();
    if (atCut === null) {
      atCut = length;
      await redis.client('KILL', 'TYPE', 'PUBSUB');
    } else if (length > atCut + 4) await handle.cancel();
  });
  expect((await expectAll(seen, handle)).state).toBe('cancelled');
});

/** Commands that clients have sent, by name. */
async function commandCounts(): Promise<ReadonlyMap<string, number>> {
  const stats = await redis.info('commandstats');
  return new Map(
    Array.from(stats.matchAll(/^cmdstat_([^:|]+)[^:]*:calls=(\d+)/gm), ([, name = '', calls]) => [name, Number(calls)]),
  );
}

describe('a job that nobody follows', () => {
  const script = 'echo one; sleep 0.2; echo two';
  const hears = (work: () => Promise<unknown>) => whatRedisHears({ redis, socket: fleet.redisSocket }, work);

  test('publishes nothing, and costs no word to Redis for following', async () => {
    await fleet.run(shellJob(script));
    const before = await commandCounts();
    const heard = await hears(() => fleet.run(shellJob(script)));
    const after = await commandCounts();
    for (const command of ['publish', 'subscribe'])
      expect([command, after.get(command) ?? 0]).toEqual([command, before.get(command) ?? 0]);
    const aboutFollowing = heard.filter((words) => words.some((word) => /\/(follow|output)/.test(word)));
    // The one question that the worker asks when it takes a job, about all of its marks.
    expect(aboutFollowing.map(([name, ...keys]) => [name, keys.length])).toEqual([['mget', 3]]);
  });

  test('unlike one that somebody follows', async () => {
    const heard = await hears(async () => follow(await submit(script)));
    const names = heard.map(([name]) => name);
    expect(names.filter((name) => name === 'publish').length).toBeGreaterThan(2);
    expect(names).toContain('subscribe');
  });
});
