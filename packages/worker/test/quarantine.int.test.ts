import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../../tests/support/eventually.ts';
import type { TestWorker } from '../../../tests/support/worker.ts';
import { findKeeperOf, findMasterOf, processesOf } from './support/process-tree.ts';
import { type SomeWorkers, startSomeWorkers } from './support/some-workers.ts';

const nap = (seconds: number) => ({ profile: 'bash', commands: [{ argv: ['sleep', String(seconds)] }] });
const limits = { wallTimeMs: 60_000 };

let fleet: SomeWorkers;

async function killKeeper(worker: TestWorker): Promise<void> {
  await eventually('the program runs', () => processesOf(worker.pid, 'sleep').length > 0);
  process.kill(findKeeperOf(worker.pid, 'sleep'), 'SIGKILL');
  await eventually('the program is gone', () => processesOf(worker.pid, 'sleep').length === 0);
}

beforeEach(async () => {
  fleet = await startSomeWorkers();
});

afterEach(() => fleet.close());

describe('a slot that is lost', () => {
  test('again and again, also while the jailer makes its keepers wait, comes back', { timeout: 120_000 }, async () => {
    const worker = await fleet.add();
    const handle = await fleet.client.submit({ ...nap(2), attempts: 20 });
    for (let loss = 0; loss < 8; loss += 1) await killKeeper(worker);
    expect(await handle.result({ timeoutMs: 60_000 })).toMatchObject({ state: 'finished', attempt: 9 });
  });

  test('for a while gets jobs again although the other one runs a long job', async () => {
    const worker = await fleet.add({ BULLPEN_SLOTS: '2' });
    const long = await fleet.client.submit({
      profile: 'bash',
      commands: [{ argv: ['tail', '-f', '/dev/null'] }],
      limits,
    });
    await eventually('the long job runs', () => processesOf(worker.pid, 'tail').length > 0);
    const lost = await fleet.client.submit(nap(2));
    await killKeeper(worker);
    expect(await lost.result({ timeoutMs: 25_000 })).toMatchObject({ state: 'finished', attempt: 2 });
    expect(await long.state()).toBe('running');
    await long.cancel();
  });
});

test('a worker that has no slot left ends itself, and its jobs run elsewhere', { timeout: 90_000 }, async () => {
  const worker = await fleet.add({ BULLPEN_NO_SLOT_GRACE_MS: '2000', BULLPEN_BUDGET_MARGIN_MS: '500' });
  const handle = await fleet.client.submit({ ...nap(2), limits: { wallTimeMs: 3000 } });
  await eventually('the program runs', () => processesOf(worker.pid, 'sleep').length > 0);
  // A jailer that stands still neither ends the program nor makes another keeper.
  const master = findMasterOf(worker.pid, 'sleep');
  for (const pid of [master, findKeeperOf(worker.pid, 'sleep')]) process.kill(pid, 'SIGSTOP');
  await eventually('the slot is given up', () => worker.log.some((line) => line['code'] === 'budget-exceeded'));
  const waiting = await fleet.client.submit(nap(0));
  await eventually('the worker is given up', () => worker.log.some(({ msg }) => msg === 'worker failed'));
  const second = await fleet.add();
  for (const { id } of [handle, waiting]) {
    const result = await fleet.client.job(id).result({ timeoutMs: 30_000 });
    expect(result).toMatchObject({ state: 'finished', receipt: { worker: second.workerId } });
  }
  process.kill(master, 'SIGCONT');
  expect(await worker.ended).toBe(1);
  expect(worker.log.at(-1)).toMatchObject({
    msg: 'worker ended',
    err: { message: expect.stringContaining('2000 ms') },
  });
});
