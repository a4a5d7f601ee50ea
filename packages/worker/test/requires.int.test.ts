import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../../tests/support/eventually.ts';
import type { TestWorker } from '../../../tests/support/worker.ts';
import { processesOf } from './support/process-tree.ts';
import { type SomeWorkers, startSomeWorkers } from './support/some-workers.ts';

/** Starts a worker where there are no cgroups, so that its jails have no such layer. */
const withoutCgroups = [
  'unshare',
  '--mount',
  'sh',
  '-c',
  'umount --lazy --recursive /sys/fs/cgroup && exec "$@"',
  'without-cgroups',
];
const wait = { timeoutMs: 60_000 };
const job = { profile: 'bash', commands: [{ argv: ['true'] }] };
/** Keeps the one worker busy that has cgroups, until it is cancelled. */
const long = {
  profile: 'bash',
  commands: [{ argv: ['sleep', '100'] }],
  limits: { wallTimeMs: 100_000 },
  requires: ['cgroup' as const],
};

let fleet: SomeWorkers;

const linesAbout = (worker: TestWorker, jobId: string): string[] =>
  worker.log.filter((line) => line.job === jobId).map(({ msg }) => msg);

beforeEach(async () => {
  fleet = await startSomeWorkers();
});

afterEach(() => fleet.close());

describe('a job that requires a layer', { timeout: 120_000 }, () => {
  test('runs where the jails have it, however often another worker takes it first', async () => {
    const poor = await fleet.add({}, withoutCgroups);
    const rich = await fleet.add();
    const busy = await fleet.client.submit(long);
    await eventually('the long job runs', () => processesOf(rich.pid, 'sleep').length > 0);
    const handles = [];
    for (let index = 0; index < 20; index += 1)
      handles.push(await fleet.client.submit({ ...job, requires: ['cgroup'], attempts: 1 }));
    const handedOver = () => poor.log.filter(({ msg }) => msg === 'job handed over');
    await eventually('some are handed over', () => handedOver().length > 5);
    expect(handedOver()[0]).toMatchObject({ level: 30, missing: ['cgroup'] });
    await busy.cancel();
    for (const handle of handles) {
      const result = await handle.result(wait);
      expect(result).toMatchObject({ state: 'finished', receipt: { worker: rich.workerId } });
      expect(result.receipt?.layers.map(({ name }) => name)).toContain('cgroup');
    }
    // Its slot is as good as before.
    expect((await (await fleet.client.submit(job)).result(wait)).state).toBe('finished');
    expect(poor.log.map(({ msg }) => msg)).not.toContain('slot stays in quarantine');
  });

  test('waits for the one worker that has it, without losing its only attempt', async () => {
    const rich = await fleet.add();
    const poor = await fleet.add({}, withoutCgroups);
    const busy = await fleet.client.submit(long);
    await eventually('the long job runs', () => processesOf(rich.pid, 'sleep').length > 0);
    const handle = await fleet.client.submit({ ...job, requires: ['cgroup'], attempts: 1 });
    await eventually('it was handed over twice', () => linesAbout(poor, handle.id).length >= 2);
    await eventually('it waits', async () => (await handle.state()) === 'waiting');
    await busy.cancel();
    expect(await handle.result(wait)).toMatchObject({ state: 'finished', receipt: { worker: rich.workerId } });
  });

  test('that no worker of the fleet has fails with a sentence, and never has a result', async () => {
    const both = [await fleet.add(), await fleet.add({}, withoutCgroups)];
    const handle = await fleet.client.submit({ ...job, requires: ['cgroup', 'restricted'], attempts: 3 });
    await expect(handle.result(wait)).rejects.toMatchObject({
      code: 'confinement-refused',
      message: expect.stringMatching(
        /^The job requires cgroup, restricted, and jails of profile bash on this worker have no .*restricted \(they have identity.*; no other worker of the fleet has what it requires: add a worker/,
      ),
    });
    expect(await handle.state()).toBe('failed');
    const attempts = both.flatMap((worker) => linesAbout(worker, handle.id));
    expect(attempts).toEqual(['job refused', 'job refused', 'job refused']);
    const direct = new Redis(fleet.redis.socket);
    expect(await direct.exists(`{bullpen}:bullpen/result:${handle.id}`)).toBe(0);
    direct.disconnect();
  });

  test('of which the worker is lost that had it fails, too', async () => {
    const rich = await fleet.add();
    const poor = await fleet.add({}, withoutCgroups);
    rich.signal('SIGKILL');
    await rich.ended;
    const handle = await fleet.client.submit({ ...job, requires: ['cgroup'], attempts: 1 });
    // The others count on the lost worker until it was not heard of for three times the lock's duration.
    await expect(handle.result(wait)).rejects.toMatchObject({ code: 'confinement-refused' });
    expect(linesAbout(poor, handle.id).at(-1)).toBe('job refused');
  });

  test('and is cancelled between two workers does not run', async () => {
    const rich = await fleet.add();
    const poor = await fleet.add({}, withoutCgroups);
    const busy = await fleet.client.submit(long);
    await eventually('the long job runs', () => processesOf(rich.pid, 'sleep').length > 0);
    const handle = await fleet.client.submit({ ...job, requires: ['cgroup'] });
    await eventually('it was handed over', () => linesAbout(poor, handle.id).includes('job handed over'));
    expect(await handle.cancel()).toBe(true);
    expect(await handle.result(wait)).toMatchObject({
      state: 'cancelled',
      commands: [{ outcome: { kind: 'cancelled' } }],
    });
    await busy.cancel();
  });
});
