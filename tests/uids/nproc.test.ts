import { type Client, createClient } from '@bullpen/client';
import type { CommandReport } from '@bullpen/protocol';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { patience } from '../support/patience.ts';
import { eventually } from '../support/eventually.ts';
import { firstOf } from '../support/fleet.ts';
import { familyOf } from '../support/host-count.ts';
import { startRedis } from '../support/redis.ts';
import type { TestWorker } from '../support/worker.ts';
import { baseOf, pinnedTo } from './support/fleet-of-workers.ts';
import { startPod } from './support/pod.ts';

// Workers are started one after another, and leases waited for.
vi.setConfig({ testTimeout: 120_000 * patience });

const processes = 40;
/** Forks without end for three seconds. The first process waits by itself: it could not start a `sleep` any more. */
const bomb = 'exec {never}<><(:); bomb() { bomb | bomb & }; bomb; read -t 3 -u $never; echo bombed';
/** Wants half of what its own limit allows, again and again for a second. */
const forking =
  'for round in 1 2 3 4 5; do for i in {1..20}; do sleep 0.2 & done; wait; done; echo "all $round rounds"';

interface Lane {
  readonly worker: TestWorker;
  readonly client: Client;
}

/** A worker in a container's worth of namespaces, without cgroups, so that NPROC alone counts; its jobs come from a queue of its own. */
async function openLane(redis: string, queue: string, settings: Readonly<Record<string, string>>): Promise<Lane> {
  const prefix = settings['BULLPEN_PREFIX'] ?? '{bullpen}';
  const worker = await startPod(redis, { ...settings, BULLPEN_QUEUE: queue });
  const client = createClient({ connection: redis, queue, prefix });
  onTestFinished(async () => {
    await client.close();
    await worker.close();
  });
  return { worker, client };
}

async function runShell({ client }: Lane, script: string): Promise<CommandReport> {
  const limits = { processes, wallTimeMs: 20_000 };
  const handle = await client.submit({ profile: 'bash', commands: [{ argv: ['bash', '-c', script] }], limits });
  return firstOf((await handle.result({ timeoutMs: 50_000 })).commands);
}

/** Runs the forking job in the midst of the bomb; answers what it printed. */
async function forkBesideBomb(one: Lane, other: Lane): Promise<{ stdout: string; stderr: string }> {
  const bombing = runShell(one, bomb);
  await eventually('the bomb has filled its limit', () => familyOf(one.worker.pid).length > processes);
  const { stdout, stderr } = await runShell(other, forking);
  expect((await bombing).stdout.data).toBe('bombed\n');
  return { stdout: stdout.data, stderr: stderr.data };
}

const refused = 'fork: retry: Resource temporarily unavailable';

describe('a fork bomb in one slot', () => {
  test('never keeps a job of another worker from forking: their UIDs differ', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.close());
    const one = await openLane(redis.socket, 'one', {});
    const other = await openLane(redis.socket, 'other', {});
    const { stdout, stderr } = await forkBesideBomb(one, other);
    expect(stderr).not.toContain(refused);
    expect(stdout).toBe('all 5 rounds\n');
  });

  test('never keeps the job in the next slot of its own worker from forking', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.close());
    const both = await openLane(redis.socket, 'both', { BULLPEN_SLOTS: '2' });
    const { stdout, stderr } = await forkBesideBomb(both, both);
    expect(stderr).not.toContain(refused);
    expect(stdout).toBe('all 5 rounds\n');
  });

  test('does so with a shared UID, sabotaged by two workers that know of no common lock and no common lease', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.close());
    const uid = baseOf(9) + 5;
    const one = await openLane(redis.socket, 'one', { ...pinnedTo(uid), BULLPEN_PREFIX: '{one}' });
    const other = await openLane(redis.socket, 'other', { ...pinnedTo(uid), BULLPEN_PREFIX: '{other}' });
    expect((await forkBesideBomb(one, other)).stderr).toContain(refused);
  });
});
