import { Redis } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import { leastOf } from '../../../tests/support/least-of.ts';
import { startRedis, type TestRedis } from '../../../tests/support/redis.ts';
import { createClient } from '../src/index.ts';

const job = { profile: 'bash', commands: [{ argv: ['true'] }] };
const isAway = { name: 'BullpenError', code: 'redis-unavailable' };

let redis: TestRedis | null = null;

afterEach(async () => {
  await redis?.close();
  redis = null;
});

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

describe('Redis away at submit', () => {
  test.each([
    ['a port that nobody listens on', 'redis://127.0.0.1:9'],
    ['a socket that does not exist', '/tmp/bullpen-no-such.sock'],
  ])('is one clear error in under 2 s: %s', async (_what, connection) => {
    const client = createClient({ connection });
    const attempt = () => timeOf(() => expect(client.submit(job)).rejects.toMatchObject(isAway));
    expect(await leastOf(2000, attempt)).toBeLessThan(2000);
    await expect(client.submit(job)).rejects.toThrow(/did not answer within 1500 ms \(.*\): check that it runs/);
    await client.close();
  });

  test('and back later: the same client goes on, and what had failed was not submitted behind its back', async () => {
    redis = await startRedis({ appendFsync: 'always' });
    const client = createClient({ connection: redis.socket });
    await client.submit({ ...job, id: 'before' });
    await redis.kill();
    const attempt = () => timeOf(() => expect(client.submit({ ...job, id: 'during' })).rejects.toMatchObject(isAway));
    expect(await leastOf(2000, attempt)).toBeLessThan(2000);
    await redis.start();
    await client.submit({ ...job, id: 'after' });
    expect(await Promise.all(['before', 'during', 'after'].map((id) => client.job(id).state()))).toEqual([
      'waiting',
      'unknown',
      'waiting',
    ]);
    await client.close();
  });

  test('in the middle of waiting: the wait goes on and ends when it is back', async () => {
    redis = await startRedis({ appendFsync: 'always' });
    const client = createClient({ connection: redis.socket });
    const handle = await client.submit(job);
    const waiting = handle.result({ timeoutMs: 15_000 });
    await expect.poll(() => handle.state()).toBe('waiting');
    await redis.kill();
    await redis.start();
    expect(await handle.cancel()).toBe(true);
    expect((await waiting).state).toBe('cancelled');
    await client.close();
  });
});

test('a client that has waited for a result closes although Redis has gone for good', async () => {
  redis = await startRedis();
  const client = createClient({ connection: redis.socket });
  const handle = await client.submit(job);
  const waiting = handle.result({ timeoutMs: 60_000 });
  waiting.catch(() => {}); // looked at below
  await expect.poll(() => handle.state()).toBe('waiting');
  await redis.kill();
  await client.close();
  await expect(waiting).rejects.toMatchObject({ code: 'client-closed' });
});

describe('a connection that the caller owns', () => {
  test('is used and left open', async () => {
    redis = await startRedis();
    const own = new Redis(redis.socket);
    const client = createClient({ connection: own });
    const handle = await client.submit(job);
    const waiting = handle.result({ timeoutMs: 10_000 });
    await handle.cancel();
    expect((await waiting).state).toBe('cancelled');
    await client.close();
    expect(await own.ping()).toBe('PONG');
    own.disconnect();
  });
});

describe('a client that has just been made', () => {
  test('takes many jobs at once with one wait for its connection', async () => {
    redis = await startRedis();
    const warnings: string[] = [];
    const hear = (warning: Error): void => void warnings.push(warning.name);
    process.on('warning', hear);
    const client = createClient({ connection: redis.socket });
    const handles = await Promise.all(Array.from({ length: 40 }, () => client.submit(job)));
    expect(new Set(handles.map(({ id }) => id)).size).toBe(40);
    await client.close();
    process.off('warning', hear);
    expect(warnings).not.toContain('MaxListenersExceededWarning');
  });
});

describe('a closed client', () => {
  test('says so, ends its waits, and may be closed again', async () => {
    redis = await startRedis();
    const client = createClient({ connection: redis.socket });
    const handle = await client.submit(job);
    const waiting = handle.result().catch((error: unknown) => error);
    await expect.poll(() => handle.state()).toBe('waiting');
    await client.close();
    await client.close();
    const isClosed = { code: 'client-closed', message: expect.stringContaining('The client is closed') };
    expect(await waiting).toMatchObject(isClosed);
    await expect(client.submit(job)).rejects.toMatchObject(isClosed);
  });

  test('says so to a call that is under way, too, and blames no Redis', async () => {
    redis = await startRedis();
    const client = createClient({ connection: redis.socket });
    await client.backlog();
    redis.signal('SIGSTOP');
    const asking = client.backlog().catch((error: unknown) => error);
    const closing = client.close();
    expect(await asking).toMatchObject({ code: 'client-closed' });
    redis.signal('SIGCONT');
    await closing;
  });
});
