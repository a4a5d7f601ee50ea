import { expect, test, vi } from 'vitest';
import { patience } from '../support/patience.ts';
import { baseOf, pinnedTo, refusalOf, shortLease, startStranger, startWorkers } from './support/fleet-of-workers.ts';
import { runNaps, uidsByWorker } from './support/uid-jobs.ts';

// Four workers one after another, and leases that are waited for.
vi.setConfig({ testTimeout: 120_000 * patience });

const restricted = {
  BULLPEN_JAIL: 'restricted',
  BULLPEN_SLOTS: '1',
  BULLPEN_FLOOR: 'identity,rlimits,seccomp,landlock,restricted',
  BULLPEN_ENABLED: 'true',
  BULLPEN_RUN_DIR: '/run',
  BULLPEN_UID_LOCK_DIR: '/run/locks',
};
const asUser = (uid: number): string[] => [
  ...['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'],
  ...['--bounding-set=-all', '--inh-caps=-all', '--no-new-privs'],
];

test('restricted workers of one machine must be different users: a second one of the same is refused and told so', async () => {
  const uid = baseOf(0) + 9;
  const fleet = await startWorkers();
  const first = await fleet.addPod({ ...restricted, ...shortLease }, asUser(uid));
  expect(await refusalOf(fleet.addPod({ ...restricted, ...shortLease }, asUser(uid)))).toContain(
    `UID ${uid} of the range ${uid} is leased to worker ${first.workerId} on node `,
  );
  const other = await fleet.addPod({ ...restricted, ...shortLease }, asUser(uid + 10));
  expect(uidsByWorker(await runNaps(fleet.client, 6))).toEqual(
    new Map([
      [first.workerId, new Set([uid])],
      [other.workerId, new Set([uid + 10])],
    ]),
  );
  // Given back at an orderly end, whoever else is that user: the next one has it at once.
  await startStranger(uid);
  await first.close();
  const next = await fleet.addPod(restricted, asUser(uid));
  expect(next.log.map(({ msg }) => msg)).not.toContain('UIDs of the slots are leased to another worker');
});

const classic = { BULLPEN_JAIL: 'classic', BULLPEN_RUN_DIR: '/run' };
const asClassic = [
  ...['setpriv', '--bounding-set=-all,+setuid,+setgid,+kill,+chown', '--inh-caps=-all', '--clear-groups'],
];

test('classic workers of one machine have UIDs of their own, and refuse those of another', async () => {
  const base = baseOf(1) + 5;
  const fleet = await startWorkers();
  const first = await fleet.addPod({ ...classic, ...pinnedTo(base), ...shortLease }, asClassic);
  expect(await refusalOf(fleet.addPod({ ...classic, ...pinnedTo(base + 1), ...shortLease }, asClassic))).toContain(
    `UID ${base + 1} of the range ${base + 1} to ${base + 2} is leased to worker ${first.workerId}`,
  );
  const second = await fleet.addPod({ ...classic, ...shortLease }, asClassic);
  const uids = uidsByWorker(await runNaps(fleet.client, 12));
  expect(uids.get(first.workerId)).toEqual(new Set([base, base + 1]));
  expect([...(uids.get(second.workerId) ?? [])].filter((uid) => uid === base || uid === base + 1)).toEqual([]);
});

test('a classic worker refuses UIDs that a stranger’s process has', async () => {
  const base = baseOf(2) + 5;
  const fleet = await startWorkers();
  await startStranger(base + 1);
  expect(await refusalOf(fleet.addPod({ ...classic, ...pinnedTo(base) }, asClassic))).toContain(
    `UID ${base + 1} of the range ${base} to ${base + 1} has a process that this worker cannot see`,
  );
});
