import { Redis } from 'ioredis';
import { expect, onTestFinished, test, vi } from 'vitest';
import { patience } from '../support/patience.ts';
import { eventually } from '../support/eventually.ts';
import { familyOf, nameOf } from '../support/host-count.ts';
import type { TestWorker } from '../support/worker.ts';
import {
  baseOf,
  end,
  leaseOf,
  pinnedTo,
  refusalOf,
  shortLease,
  shortLeaseMs,
  startStranger,
  startWorkers,
  type WorkerFleet,
} from './support/fleet-of-workers.ts';
import { watchSlotUsers } from './support/slot-users.ts';
import { runNaps, uidsByWorker } from './support/uid-jobs.ts';

// Workers are started one after another, and leases waited for.
vi.setConfig({ testTimeout: 120_000 * patience });

/** Still there when a loaded machine has started another worker. */
const leaseMs = 20_000 * patience;
const waiting = 'UIDs of the slots are leased to another worker';
const nap = { profile: 'bash', commands: [{ argv: ['sleep', '1.5'] }] };

async function leasesOf(fleet: WorkerFleet): Promise<string[]> {
  const redis = new Redis(fleet.redis.socket);
  const keys = await redis.keys('{bullpen}:uids/*:*');
  redis.disconnect();
  return keys.sort();
}

/** Ends a worker and its jailer as a failing machine would: at once, with no chance to tidy up. */
function crash(worker: TestWorker): void {
  const master = familyOf(worker.pid).find((pid) => nameOf(pid) === 'bullpen-master');
  if (master === undefined) throw new Error(`The worker ${worker.pid} has no jailer.`);
  worker.signal('SIGKILL');
  process.kill(master, 'SIGKILL');
}

async function programRuns(worker: TestWorker): Promise<void> {
  await eventually('a program runs', () => familyOf(worker.pid).some((pid) => nameOf(pid) === 'sleep'));
}

test.each(['addWorker', 'addPod'] as const)(
  'the range of a worker that crashed with its jailer is taken over when the lease has run out, named before (%s)',
  async (add) => {
    const base = baseOf(add === 'addPod' ? 4 : 3);
    const settings = { ...pinnedTo(base), ...leaseOf(leaseMs) };
    const fleet = await startWorkers();
    const seen = watchSlotUsers(base, 2);
    onTestFinished(() => seen.stop());
    const first = await fleet[add](settings);
    const handle = await fleet.client.submit(nap);
    await programRuns(first);
    const crashedAt = performance.now();
    crash(first);
    const second = await fleet[add](settings);
    expect(performance.now() - crashedAt).toBeGreaterThan((leaseMs * 2) / 3 - 1000);
    expect(second.log.filter(({ msg }) => msg === waiting)).toEqual([
      expect.objectContaining({
        level: 40,
        reason: expect.stringMatching(
          new RegExp(
            `^UID ${base} of the range ${base} to ${base + 1} is leased to worker ${first.workerId} on node \\S+: unless that worker lives and renews it, the lease runs out in \\d+ s and is taken over then\\.$`,
          ),
        ),
      }),
    ]);
    const results = [await handle.result({ timeoutMs: 30_000 }), ...(await runNaps(fleet.client, 4))];
    expect(uidsByWorker(results)).toEqual(new Map([[second.workerId, new Set([base, base + 1])]]));
    expect(results.map(({ state }) => state)).toEqual(results.map(() => 'finished'));
    expect(seen.shared).toEqual([]);
  },
);

test('a crashed range in which a process was left alive is given to nobody: the next worker names UID and process', async () => {
  const base = baseOf(5);
  const settings = { ...pinnedTo(base), ...shortLease };
  const fleet = await startWorkers();
  const first = await fleet.addWorker(settings);
  const handle = await fleet.client.submit(nap);
  await programRuns(first);
  const left = await startStranger(base + 1);
  crash(first);
  expect(await refusalOf(fleet.addWorker(settings))).toContain(
    `UID ${base + 1} of the range ${base} to ${base + 1} has a process that no slot started (pid ${left.pid}): end it, choose another slotUidBase`,
  );
  expect(await leasesOf(fleet)).toEqual([]);
  await end(left);
  const third = await fleet.addWorker(settings);
  expect((await handle.result({ timeoutMs: 30_000 })).receipt).toMatchObject({ worker: third.workerId });
});

test('a UID is given back only when it is empty: with a process left alive the lease stays until it runs out', async () => {
  const base = baseOf(6);
  const fleet = await startWorkers();
  const first = await fleet.addWorker({ ...pinnedTo(base), ...shortLease });
  const left = await startStranger(base);
  await first.close();
  expect(first.log).toContainEqual(
    expect.objectContaining({
      level: 50,
      msg: 'UIDs of slots still have processes: their lease is left to run out',
      occupants: [{ uid: base, pid: left.pid }],
    }),
  );
  expect(await leasesOf(fleet)).toHaveLength(2);
  await eventually('the lease has run out', async () => (await leasesOf(fleet)).length === 0, 2 * shortLeaseMs);
});

test('a slot whose UID a stranger takes meanwhile gets no job until he is gone; the other slot goes on', async () => {
  const base = baseOf(7);
  const fleet = await startWorkers();
  const worker = await fleet.addWorker(pinnedTo(base));
  const stranger = await startStranger(base);
  // The job after which the proof fails may still run there, and ends well.
  await eventually('the slot is in quarantine', async () => {
    await runNaps(fleet.client, 2, 0.05);
    return worker.log.some(({ line }) =>
      String(line).includes("step prove_empty: Device or resource busy (a process of the slot's user)"),
    );
  });
  expect(uidsByWorker(await runNaps(fleet.client, 6, 0.05))).toEqual(new Map([[worker.workerId, new Set([base + 1])]]));
  await end(stranger);
  await eventually(
    'the slot is back',
    async () => uidsByWorker(await runNaps(fleet.client, 4, 0.1)).get(worker.workerId)?.size === 2,
    30_000,
  );
});
