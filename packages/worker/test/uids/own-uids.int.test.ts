import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createClient } from '@bullpen/client';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../../../tests/support/eventually.ts';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { startWorkerProcess, type TestWorker } from '../../../../tests/support/worker.ts';

const base = 1_800_000_000 + process.pid * 16;
let server: TestRedis;
let redis: Redis;
let workers: TestWorker[] = [];

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.socket);
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.close()));
  workers = [];
});
afterAll(async () => {
  redis.disconnect();
  await server.close();
});

async function addWorker(settings: Record<string, string> = {}): Promise<TestWorker> {
  const worker = await startWorkerProcess(server.socket, { BULLPEN_SLOTS: '2', ...settings });
  workers.push(worker);
  return worker;
}

/** A directory of locks that no other worker of the machine sees, as a pod's own. */
function ownLocks(): Record<string, string> {
  const folder = mkdtempSync('/run/bullpen-uids-test-');
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return { BULLPEN_UID_LOCK_DIR: folder };
}

const pinned = { BULLPEN_SLOT_UID_BASE: String(base) };
const short = { BULLPEN_UID_LEASE_TTL_MS: '3000' };
const leases = async (): Promise<string[]> => (await redis.keys('{bullpen}:uids/*:*')).sort();
const rangeOf = (worker: TestWorker): unknown =>
  worker.log.find(({ msg }) => msg === 'UIDs of the slots are leased')?.['uids'];

describe('two workers of one machine', () => {
  test('never share a UID when nobody says which', async () => {
    const [first, second] = await Promise.all([addWorker(), addWorker()]);
    expect(rangeOf(first)).not.toBe(rangeOf(second));
    expect(await leases()).toHaveLength(4);
  });

  test('that share no directory are kept apart by their leases: the second told the same range does not start', async () => {
    await addWorker({ ...pinned, ...short, ...ownLocks() });
    const second = addWorker({ BULLPEN_SLOT_UID_BASE: String(base + 1), ...short, ...ownLocks() });
    await expect(second).rejects.toThrow(new RegExp(`UID ${base + 1} of the range .* is leased to worker`));
  });

  test('that share no Redis are kept apart by their locks', async () => {
    await addWorker(pinned);
    const other = await startRedis();
    const second = startWorkerProcess(other.socket, { ...pinned, BULLPEN_SLOTS: '2' });
    await expect(second).rejects.toThrow(`UID ${base} is locked by another worker of this host`);
    await other.close();
  });

  test('a worker that ends gives its lease back, and the next one has it at once', async () => {
    const first = await addWorker(pinned);
    expect(await leases()).toEqual([base, base + 1].map((uid) => expect.stringMatching(new RegExp(`:${uid}$`))));
    await first.close();
    expect(await leases()).toEqual([]);
    await addWorker(pinned);
  });
});

describe('the UIDs of a worker that crashed', () => {
  test('are taken when its lease has run out, and only once they are proven empty', async () => {
    const first = await addWorker({ ...pinned, ...short });
    first.signal('SIGKILL');
    await first.ended;
    expect(await leases()).toHaveLength(2);
    const left = spawn('sleep', ['60'], { uid: base, gid: base, stdio: 'ignore' });
    onTestFinished(() => void left.kill('SIGKILL'));
    await once(left, 'spawn');
    const second = addWorker({ ...pinned, ...short });
    await eventually('the lease is the second worker’s', async () => {
      const [key = ''] = await leases();
      return !((await redis.get(key)) ?? first.workerId).includes(first.workerId);
    });
    const early = await Promise.race([second.then(() => 'taken'), new Promise((done) => setTimeout(done, 1500))]);
    expect(early).toBeUndefined();
    left.kill('SIGKILL');
    const client = createClient({ connection: server.socket });
    onTestFinished(() => client.close());
    await second;
    const handle = await client.submit({ profile: 'bash', commands: [{ argv: ['bash', '-c', 'echo $UID'] }] });
    const result = await handle.result({ timeoutMs: 15_000 });
    expect([base, base + 1]).toContain(Number(result.commands[0]?.stdout.data));
  });
});

describe('a worker that loses its lease', () => {
  test('stops taking jobs and ends with a sentence that says to whom', async () => {
    const worker = await addWorker({ ...pinned, ...short });
    for (const key of await leases()) await redis.set(key, '9999999999999 intruder', 'PX', 10_000);
    expect(await worker.ended).toBe(1);
    expect(worker.log.find(({ msg }) => msg === 'worker failed')).toMatchObject({
      err: { message: expect.stringContaining(`The lease of UID ${base} was lost to intruder`) },
    });
    // What is the other's is left alone.
    expect(await leases()).toHaveLength(2);
    await redis.del(await leases());
  });
});
