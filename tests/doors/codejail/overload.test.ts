import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leastOf } from '../../support/least-of.ts';
import { eventually } from '../../support/eventually.ts';
import { patience } from '../../support/patience.ts';
import { type Door, startDoor } from './support/door.ts';

/** A door whose fleet has one slot: who waits, for how long, and what becomes of jobs that nobody waits for any longer. */
const budgetMs = 3300;
const long = { CPU: 0, REALTIME: 60 };

let here: Door;
const openDoor = (codejailBudgetMs: number) => async (): Promise<void> => {
  here = await startDoor({
    worker: { BULLPEN_SLOTS: '1' },
    policy: { limits: long },
    gateway: { codejailBudgetMs: codejailBudgetMs * patience },
  });
};

const sleeping = (seconds: number, priority: 'interactive' | 'batch' = 'interactive') => ({
  profile: 'bash',
  commands: [{ argv: ['sleep', `${seconds}`] }],
  limits: { wallTimeMs: 120_000 },
  priority,
});

/** The messages of the door's jobs that the queue still has. */
async function messagesIn(redis: Redis): Promise<(string | null)[]> {
  const jobs = await redis.keys('*:codejail-????????-????-????-????-????????????');
  return Promise.all(jobs.map(async (key) => ((await redis.type(key)) === 'hash' ? redis.hget(key, 'data') : null)));
}

const isIdle = async ({ fleet }: Door): Promise<boolean> => {
  const { waiting, running } = await fleet.client.backlog();
  return waiting + running === 0;
};

describe('one slot', () => {
  beforeAll(openDoor(budgetMs));
  afterAll(() => here?.close());

  test('a client that goes away takes its job with it', async () => {
    const gone = new AbortController();
    const call = here.call('import time; time.sleep(50)', {}, { signal: gone.signal });
    await eventually('the code runs', async () => (await here.fleet.client.backlog()).running === 1);
    gone.abort();
    await expect(call).rejects.toThrow('abort');
    await eventually('the job has ended', () => isIdle(here));
    expect(await here.globals('out = 1')).toEqual({ out: 1 });
  });

  test('a call that cannot be answered in time is told so within 3.5 s, and its job does not run later', async () => {
    const busy = await here.fleet.client.submit(sleeping(60));
    await eventually('the slot is busy', async () => (await here.fleet.client.backlog()).running === 1);
    const callInVain = async (): Promise<number> => {
      const startedMs = performance.now();
      const { status, headers, text } = await here.call('open("tmp/ran", "w")');
      const tookMs = performance.now() - startedMs;
      expect([status, headers.get('content-type'), headers.get('retry-after')]).toEqual([503, 'application/json', '1']);
      expect(JSON.parse(text)).toEqual({
        error: expect.stringMatching(/not executed within \d+ ms.*call again later/),
      });
      return tookMs;
    };
    expect(await leastOf(3500 * patience, callInVain)).toBeLessThan(3500 * patience);
    // The door doubts its fleet now, and its four safety checks wait.
    await eventually('the job is out of the queue', async () => (await here.fleet.client.backlog()).waiting <= 4);
    await busy.cancel();
    expect(await here.globals('out = 1')).toEqual({ out: 1 });
  });

  test('calls overtake batch jobs', async () => {
    const batch = await Promise.all(
      Array.from({ length: 100 }, () => here.fleet.client.submit(sleeping(0.5, 'batch'))),
    );
    expect(await here.globals('out = 1')).toEqual({ out: 1 });
    expect((await here.fleet.client.backlog()).waiting).toBeGreaterThan(80);
    await Promise.all(batch.map((job) => job.cancel()));
  });

  test('when so much waits that the budget is hopeless, calls are told at once', async () => {
    const jobs = await Promise.all(Array.from({ length: 200 }, () => here.fleet.client.submit(sleeping(1))));
    const startedMs = performance.now();
    const answers = await Promise.all(Array.from({ length: 20 }, () => here.call('out = 1')));
    expect(performance.now() - startedMs).toBeLessThan(2000 * patience);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
    expect(answers[0]?.text).toContain('Too many calls are waiting');
    expect(answers[0]?.headers.get('retry-after')).toBe('1');
    await Promise.all(jobs.map((job) => job.cancel()));
    await eventually('the queue is empty', () => isIdle(here));
    await eventually('calls are answered again', async () => (await here.call('out = 1')).status === 200);
  });

  test('a call leaves a result that is gone a minute later, and a job that would expire', async () => {
    const redis = new Redis(here.fleet.redisSocket);
    try {
      expect(await here.globals('out = 1')).toEqual({ out: 1 });
      const results = await redis.keys('*/result:codejail-*');
      expect(results.length).toBeGreaterThan(0);
      for (const key of results) expect(await redis.pttl(key)).toBeLessThanOrEqual(60_000);
      const messages = await messagesIn(redis);
      const expiries = messages.flatMap((data) => /"expiresAt":"([^"]+)"/.exec(data ?? '')?.[1] ?? []);
      expect(expiries.length).toBeGreaterThan(0);
      for (const expiry of expiries) expect(Date.parse(expiry) - Date.now()).toBeLessThan(25_000 * patience);
    } finally {
      redis.disconnect();
    }
  });

  test('a call leaves nothing of its library', async () => {
    const redis = new Redis(here.fleet.redisSocket);
    try {
      const library = Buffer.alloc(1_000_000);
      expect(await here.globals('out = 1', {}, { library })).toEqual({ out: 1 });
      await eventually('the library is gone', async () =>
        (await messagesIn(redis)).every((message) => (message?.length ?? 0) < library.length),
      );
    } finally {
      redis.disconnect();
    }
  });
});

describe('faults of ours', () => {
  beforeAll(openDoor(1500));
  afterAll(() => here?.close());

  const health = async ({ origin }: Door): Promise<string> => {
    const response = await fetch(`${origin}/health/`);
    return `${response.status} ${await response.text()}`;
  };

  test('code that may and does run for longer than a call is told so, and casts no doubt on the fleet', async () => {
    const { status, headers, text } = await here.call('import time; time.sleep(50)');
    expect([status, headers.get('retry-after')]).toEqual([503, null]);
    expect(JSON.parse(text)).toEqual({ error: expect.stringContaining('The code was still running after') });
    expect((await here.fleet.client.backlog()).waiting).toBe(0);
    expect(await health(here)).toBe('200 {"status": "OK"}');
  });

  test('while Redis hangs calls are answered in their time, and afterwards again', async () => {
    const redis = new Redis(here.fleet.redisSocket);
    const [, pid = ''] = /process_id:(\d+)/.exec(await redis.info('server')) ?? [];
    redis.disconnect();
    process.kill(Number(pid), 'SIGSTOP');
    try {
      const startedMs = performance.now();
      const { status, text } = await here.call('out = 1');
      expect(performance.now() - startedMs).toBeLessThan(2500 * patience);
      expect(status).toBe(503);
      expect(JSON.parse(text)).toHaveProperty('error');
    } finally {
      process.kill(Number(pid), 'SIGCONT');
    }
    await eventually('calls are answered again', async () => (await here.call('out = 1')).status === 200);
  });

  test('without a worker calls are 503 and never anything that could be graded; health finds out, and finds back', async () => {
    expect(await health(here)).toBe('200 {"status": "OK"}');
    here.fleet.worker.signal('SIGSTOP');
    await eventually('a call is 503', async () => (await here.call('1/0')).status === 503);
    await eventually('health says so', async () => (await health(here)) === '503 {"status": "UNAVAILABLE"}');
    here.fleet.worker.signal('SIGCONT');
    await eventually('health is back', async () => (await health(here)) === '200 {"status": "OK"}', 30_000);
  });
});
