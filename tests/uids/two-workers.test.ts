import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { patience } from '../support/patience.ts';
import { baseOf, pinnedTo, refusalOf, shortLease, startWorkers } from './support/fleet-of-workers.ts';
import { watchSlotUsers } from './support/slot-users.ts';
import { runNaps, uidsByWorker } from './support/uid-jobs.ts';

// Workers are started one after another, and leases waited for.
vi.setConfig({ testTimeout: 120_000 * patience });

const quiet = { lowest: 1_879_048_192, count: 268_435_456 };

function watch(lowest: number, count: number) {
  const seen = watchSlotUsers(lowest, count);
  onTestFinished(() => seen.stop());
  return seen;
}

/** Each worker's own UIDs, none of them another's. */
function expectApart(uids: ReadonlyMap<string, ReadonlySet<number>>, workers: number, each: number): void {
  expect([...uids.values()].map(({ size }) => size)).toEqual(Array.from({ length: workers }, () => each));
  expect(new Set([...uids.values()].flatMap((own) => [...own])).size).toBe(workers * each);
}

describe.each(['addWorker', 'addPod'] as const)('two workers of one machine (%s)', (add) => {
  test('have UIDs of their own when nobody says which, as receipts and the host’s /proc tell', async () => {
    const fleet = await startWorkers();
    const seen = watch(quiet.lowest, quiet.count);
    await Promise.all([fleet[add](), fleet[add]()]);
    const results = await runNaps(fleet.client, 20);
    expectApart(uidsByWorker(results), 2, 2);
    expect(seen.shared).toEqual([]);
    // The watch is not blind.
    expect(seen.seen.size).toBeGreaterThanOrEqual(4);
  });

  test('that are told ranges with a UID in common do not both start, and the refusal names it and who has it', async () => {
    const base = baseOf(add === 'addPod' ? 1 : 0);
    const fleet = await startWorkers();
    const seen = watch(base, 3);
    const starts = [base, base + 1].map((first) => fleet[add]({ ...pinnedTo(first), ...shortLease }));
    const ended = await Promise.allSettled(starts);
    expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const winner = ended.find((each) => each.status === 'fulfilled')?.value;
    const loser = starts[ended.findIndex(({ status }) => status === 'rejected')];
    expect(await refusalOf(loser ?? Promise.resolve())).toContain(
      `UID ${base + 1} of the range ${ended[0]?.status === 'rejected' ? `${base} to ${base + 1}` : `${base + 1} to ${base + 2}`} is leased to worker ${winner?.workerId} on node `,
    );
    expectApart(uidsByWorker(await runNaps(fleet.client, 8)), 1, 2);
    expect(seen.shared).toEqual([]);
  });
});

test('a worker on the host and one in a container are kept apart, too', async () => {
  const fleet = await startWorkers();
  const base = baseOf(2);
  const first = await fleet.addWorker({ ...pinnedTo(base), ...shortLease });
  const refusal = await refusalOf(fleet.addPod({ ...pinnedTo(base), ...shortLease }));
  expect(refusal).toContain(`UID ${base} of the range ${base} to ${base + 1} is leased to worker ${first.workerId}`);
});
