import { chooseIdRange, readHostIds } from '@bullpen/worker';
import { describe, expect, test, vi } from 'vitest';
import { patience } from '../support/patience.ts';
import { baseOf, end, pinnedTo, refusalOf, startStranger, startWorkers } from './support/fleet-of-workers.ts';
import { runNaps, uidsByWorker } from './support/uid-jobs.ts';

// Workers are started one after another, and leases waited for.
vi.setConfig({ testTimeout: 120_000 * patience });

describe('a stranger’s process with a UID of the range', () => {
  test('is named, and the worker that was told the range refuses to start until it is gone', async () => {
    const base = baseOf(8);
    const fleet = await startWorkers();
    const stranger = await startStranger(base + 1);
    const refusal = await refusalOf(fleet.addWorker(pinnedTo(base)));
    expect(refusal).toContain(
      `UID ${base + 1} of the range ${base} to ${base + 1} has a process that no slot started (pid ${stranger.pid}): end it, choose another slotUidBase (\`bullpen uids pick\`), or leave it to the worker.`,
    );
    await end(stranger);
    const worker = await fleet.addWorker(pinnedTo(base));
    expect(uidsByWorker(await runNaps(fleet.client, 4))).toEqual(
      new Map([[worker.workerId, new Set([base, base + 1])]]),
    );
  });

  test('is found by the jailer’s proof where the worker cannot see it: in another container', async () => {
    const base = baseOf(9);
    const fleet = await startWorkers();
    await startStranger(base + 1);
    expect(await refusalOf(fleet.addPod(pinnedTo(base)))).toContain(
      `UID ${base + 1} of the range ${base} to ${base + 1} has a process that this worker cannot see, in another container of this machine: end it, choose another slotUidBase`,
    );
  });

  test('is avoided where the worker chooses by itself: with room for seven UIDs, the stranger’s is never among the two', async () => {
    await startStranger(3002);
    const { taken } = readHostIds();
    const chosen = new Set(Array.from({ length: 300 }, () => chooseIdRange(2, { taken, largest: 3006 })));
    expect(chosen).toEqual(new Set([3000, 3003, 3004]));
  });
});
