import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@bullpen/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cgroupParents } from '../../../tests/support/cgroup-parents.ts';
import { startRedis, type TestRedis } from '../../../tests/support/redis.ts';
import { startWorkerProcess, type TestWorker } from '../../../tests/support/worker.ts';

let redis: TestRedis;
let worker: TestWorker;

beforeAll(async () => {
  redis = await startRedis();
  worker = await startWorkerProcess(redis.socket, { BULLPEN_SLOTS: '2' });
});

afterAll(async () => {
  await worker?.close();
  await redis?.close();
});

const statusOf = (path: string): Record<string, string> =>
  Object.fromEntries(
    [...readFileSync(path, 'utf8').matchAll(/^(\w+):[\t ]*(.*)$/gm)].map(([, name, value]) => [name, value]),
  );

describe('a worker started by root', () => {
  test('is an unprivileged user without groups or capabilities, in each of its threads', async () => {
    for (const thread of readdirSync(`/proc/${worker.pid}/task`)) {
      const status = statusOf(`/proc/${worker.pid}/task/${thread}/status`);
      const uids = (status['Uid'] ?? '').split('\t').map(Number);
      expect(new Set(uids).size).toBe(1);
      expect(uids[0]).toBeGreaterThanOrEqual(3000);
      expect(status['Groups']?.trim()).toBe('');
      expect(status['CapPrm']).toBe('0000000000000000');
      expect(status['CapEff']).toBe('0000000000000000');
    }
  });

  test('has a user that no slot has', async () => {
    const client = createClient({ connection: redis.socket });
    const handle = await client.submit({ profile: 'bash', commands: [{ argv: ['bash', '-c', 'echo $UID'] }] });
    const result = await handle.result({ timeoutMs: 15_000 });
    await client.close();
    expect(result.commands[0]?.stdout.data.trim()).toBe(String(result.receipt?.uid));
    expect(String(result.receipt?.uid)).not.toBe(statusOf(`/proc/${worker.pid}/status`)['Uid']?.split('\t')[0]);
  });

  test('cannot go back, read root’s files, or touch a slot', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bullpen-drop-'));
    const secret = join(folder, 'secret');
    writeFileSync(secret, 'for root alone', { mode: 0o600 });
    // A process of another unprivileged user, as a slot's programs are.
    const slotUid = 1_900_000_555;
    const probe = join(import.meta.dirname, 'support/dropped-process.ts');
    const probed = spawnSync(process.execPath, ['--conditions=@bullpen/source', probe, secret, String(slotUid)], {
      encoding: 'utf8',
    });
    rmSync(folder, { recursive: true });
    expect(probed.stderr).toBe('');
    expect(JSON.parse(probed.stdout)).toEqual({
      uid: 1_900_000_777,
      setuidRoot: 'EPERM',
      setgidRoot: 'EPERM',
      setuidSlot: 'EPERM',
      setgroups: 'EPERM',
      readSecret: 'EACCES',
      readShadow: 'EACCES',
      killSlot: 'EPERM',
      killInit: 'EPERM',
    });
  });

  test('leaves no run directory, no cgroup and no process behind, once the next worker has started', async () => {
    const runDir = `/run/bullpen-${worker.pid}`;
    expect(existsSync(runDir)).toBe(true);
    worker.signal('SIGKILL');
    await worker.ended;
    worker = await startWorkerProcess(redis.socket);
    expect(existsSync(runDir)).toBe(false);
    // Not in all of them: this process may live below the root of some, and so does what its workers make.
    expect(cgroupParents.some(({ path }) => existsSync(`${path}/bullpen-${worker.pid}`))).toBe(true);
  });
});
