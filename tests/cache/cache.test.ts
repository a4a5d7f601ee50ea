import type { JobToSubmit } from '@bullpen/client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type FleetOfTwo, startFleetOfTwo } from './fleet-of-two.ts';

let fleet: FleetOfTwo;
beforeAll(async () => {
  fleet = await startFleetOfTwo();
});
beforeEach(async () => {
  const keys = [...(await fleet.keys('cache')), ...(await fleet.keys('flight'))];
  if (keys.length > 0) await fleet.redis.del(keys);
});
afterAll(() => fleet?.close());

const script = 'cat - data; date +%s%N; echo made >out; exit 3';
const command = { argv: ['bash', '-c', script], stdin: 'of stdin\n' };
/** Says something else at each run. */
const job = {
  profile: 'bash',
  files: [{ path: 'data', content: 'of the file\n' }],
  commands: [command],
  collect: ['out'],
  cache: {},
} satisfies JobToSubmit;
const shell = (text: string): JobToSubmit => ({ ...job, commands: [{ argv: ['bash', '-c', text] }], collect: [] });

describe('a job that asks for the cache', () => {
  test('is answered by an earlier equal one, under its own name, and its receipt says so', async () => {
    const ran = await fleet.run({ ...job, id: 'ran', labels: { who: 'first' } });
    const cached = await fleet.run({ ...job, id: 'cached', labels: { who: 'second' } });
    const { receipt } = ran;
    expect(receipt).not.toHaveProperty('cached');
    expect(ran).toMatchObject({ jobId: 'ran', commands: [{ outcome: { kind: 'exited', exitCode: 3 } }] });
    expect(ran.commands[0]?.stdout.data).toMatch(/^of stdin\nof the file\n\d+\n$/);
    expect(cached).toEqual({
      ...ran,
      jobId: 'cached',
      labels: { who: 'second' },
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      receipt: { ...receipt, cached: { jobId: 'ran', finishedAt: ran.finishedAt } },
      submittedAt: cached.submittedAt,
      startedAt: cached.startedAt,
      finishedAt: cached.finishedAt,
    });
    expect(cached.digest).not.toBe(ran.digest);
    expect(cached.submittedAt).toBeGreaterThanOrEqual(ran.finishedAt);
    expect(cached.finishedAt).toBeGreaterThanOrEqual(cached.startedAt ?? 0);
  });

  test('is answered in the same way when its content was encoded otherwise and its fields stand in another order', async () => {
    const ran = await fleet.run(job);
    const base64 = Buffer.from('of the file\n').toString('base64');
    const same = await fleet.run({
      cache: { scope: '' },
      collect: ['out'],
      limits: {},
      priority: 'batch',
      requires: ['seccomp'],
      commands: [{ stdin: { base64: Buffer.from('of stdin\n').toString('base64') }, argv: command.argv }],
      files: [{ mode: 0o644, content: { base64 }, path: 'data' }],
      profile: 'bash',
    });
    expect(same.receipt?.cached).toEqual({ jobId: ran.jobId, finishedAt: ran.finishedAt });
    expect(same.commands).toEqual(ran.commands);
  });

  test('runs when anything is different that can change its result, and a job that does not ask always runs', async () => {
    await fleet.run(job);
    const others: Record<string, JobToSubmit> = {
      file: { ...job, files: [{ path: 'data', content: 'of another file\n' }] },
      mode: { ...job, files: [{ path: 'data', content: 'of the file\n', mode: 0o600 }] },
      argv: { ...job, commands: [{ ...command, argv: ['bash', '-c', `${script} `] }] },
      stdin: { ...job, commands: [{ ...command, stdin: 'of stdin' }] },
      env: { ...job, commands: [{ ...command, env: { A: 'b' } }] },
      limit: { ...job, limits: { wallTimeMs: 4321 } },
      scope: { ...job, cache: { scope: 'another' } },
      collect: { ...job, collect: [] },
    };
    for (const [name, other] of Object.entries(others)) {
      const result = await fleet.run(other);
      expect([name, result.receipt?.cached]).toEqual([name, undefined]);
      expect([name, (await fleet.run(other)).receipt?.cached]).toEqual([name, expect.anything()]);
    }
    const { cache: _asks, ...asksNot } = job;
    expect((await fleet.run(asksNot)).receipt).not.toHaveProperty('cached');
  });
});

test('a job’s resultTtlMs bounds how long its own result is kept, not what answers equal jobs', async () => {
  const brief = await fleet.run({ ...job, resultTtlMs: 60_000 });
  const long = await fleet.run({ ...job, resultTtlMs: 30 * 86_400_000 });
  expect(long.receipt?.cached?.jobId).toBe(brief.jobId);
  const left = await Promise.all(
    [`result:${brief.jobId}`, `result:${long.jobId}`].map((name) => fleet.redis.pttl(`{bullpen}:bullpen/${name}`)),
  );
  expect(left[0]).toBeLessThanOrEqual(60_000);
  for (const ms of [left[1] ?? 0, await fleet.redis.pttl((await fleet.keys('cache'))[0] ?? '')]) {
    expect(ms).toBeGreaterThan(86_000_000);
    expect(ms).toBeLessThanOrEqual(86_400_000);
  }
});

describe('never kept', () => {
  test.each([
    ['a timeout', { ...shell('sleep 10'), limits: { wallTimeMs: 100 } }, 'wall-time-exceeded'],
    ['cpu time', { ...shell('while :; do :; done'), limits: { cpuTimeMs: 100 } }, 'cpu-time-exceeded'],
    [
      'memory',
      { ...shell('x=$(head -c 60000000 /dev/zero | tr "\\0" x)'), limits: { memoryBytes: 2 ** 25 } },
      'memory-exceeded',
    ],
    ['output', { ...shell('while :; do echo much; done'), limits: { outputBytes: 100 } }, 'output-exceeded'],
    ['a kill', shell('kill -KILL $$'), 'signaled'],
    ['a full disk', { ...shell('head -c 2000000 /dev/zero >a; exit 0'), limits: { diskBytes: 2 ** 20 } }, 'exited'],
  ] as const)('%s', async (_what, unsure, kind) => {
    for (const _time of [1, 2]) {
      const { receipt, commands } = await fleet.run(unsure);
      expect(commands.at(-1)?.outcome.kind).toBe(kind);
      expect(receipt).not.toHaveProperty('cached');
    }
    expect(await fleet.keys('cache')).toEqual([]);
  });

  test('what the next line keeps: a program that a signal of its own ends', async () => {
    await fleet.run(shell('kill -SEGV $$'));
    expect((await fleet.run(shell('kill -SEGV $$'))).receipt?.cached).toBeDefined();
  });

  test('more than the workers keep of one run, which still has its result', async () => {
    const large = shell('head -c 300000 /dev/zero | tr "\\0" x');
    expect((await fleet.run(large)).commands[0]?.stdout.bytesKept).toBe(300_000);
    expect((await fleet.run(large)).receipt).not.toHaveProperty('cached');
  });
});

describe('an entry that is not what was kept there', () => {
  async function entryKey(): Promise<string> {
    const [key = ''] = await fleet.keys('cache');
    return key;
  }

  test.each([
    ['no JSON', (text: string) => text.slice(1)],
    ['an outcome that is none', (text: string) => text.replace('"exited"', '"fine"')],
    [
      'an outcome that is never kept',
      (text: string) => text.replace('{"kind":"exited","exitCode":3}', '{"kind":"wall-time-exceeded"}'),
    ],
    ['a run that was less confined than the floor', (text: string) => text.replace('"seccomp"', '"none"')],
    ['one command too few', (text: string) => text.replace(/"commands":\[.*\],"files"/, '"commands":[],"files"')],
    ['a field more', (text: string) => text.replace('{', '{"more":1,')],
  ])('is passed over and written anew: %s', async (_what, damage) => {
    const first = await fleet.run(job);
    const key = await entryKey();
    const kept = (await fleet.redis.get(key)) ?? '';
    expect(damage(kept)).not.toBe(kept);
    await fleet.redis.set(key, damage(kept));
    const second = await fleet.run(job);
    expect(second).toMatchObject({ state: 'finished', commands: [{ outcome: { kind: 'exited', exitCode: 3 } }] });
    expect(second.receipt).not.toHaveProperty('cached');
    expect(second.commands).not.toEqual(first.commands);
    expect((await fleet.run(job)).receipt?.cached?.jobId).toBe(second.jobId);
  });

  test('is passed over when it is another job’s, copied whole', async () => {
    await fleet.run(job);
    const mine = await entryKey();
    await fleet.run(shell('echo forged'));
    const forged = (await fleet.keys('cache')).find((key) => key !== mine) ?? '';
    await fleet.redis.copy(forged, mine, 'REPLACE');
    const result = await fleet.run(job);
    expect(result.receipt).not.toHaveProperty('cached');
    expect(result.commands[0]?.stdout.data).toMatch(/^of stdin/);
  });

  test('is passed over when it is no text at all', async () => {
    await fleet.run(job);
    const key = await entryKey();
    await fleet.redis.del(key);
    await fleet.redis.rpush(key, 'a', 'b');
    expect((await fleet.run(job)).receipt).not.toHaveProperty('cached');
    expect((await fleet.run(job)).receipt?.cached).toBeDefined();
  });
});

test('a doubt about the run is one about every result that was made from it, and no more are made', async () => {
  const ran = await fleet.run(job);
  const cached = await fleet.client.submit(job);
  expect((await cached.result()).receipt?.cached).toBeDefined();
  const { worker, slot } = ran.receipt ?? {};
  // As its worker writes it when a probe fails: what ended until then is meant, the result that was made later is not.
  const doubt = { worker, slot, since: 0, until: ran.finishedAt, probe: 'files', expiresAt: Date.now() + 60_000 };
  await fleet.redis.set('{bullpen}:bullpen/doubts', JSON.stringify([doubt]));
  expect((await cached.result()).doubtful).toEqual({ since: 0, probe: 'files' });
  const again = await fleet.run(job);
  expect(again.receipt).not.toHaveProperty('cached');
  expect(again).not.toHaveProperty('doubtful');
  await fleet.redis.del('{bullpen}:bullpen/doubts');
});

test('the counters of the workers tell what the cache did', async () => {
  const before = await Promise.all(['hit', 'miss', 'kept'].map((event) => fleet.count(event)));
  await fleet.run(job);
  await fleet.run(job);
  const after = await Promise.all(['hit', 'miss', 'kept'].map((event) => fleet.count(event)));
  expect(after.map((count, index) => count - (before[index] ?? 0))).toEqual([1, 1, 1]);
});
