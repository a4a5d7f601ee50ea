import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { countHost, familyOf, nameOf, residentBytes } from '../support/host-count.ts';
import { rung, slots } from '../support/rung.ts';

const MIB = 1_048_576;
/** On the other rungs fewer, since they show it by the same means. */
const jobs = rung === 'namespaces' ? 1000 : 300;
let fleet: Fleet;
let uids: number[];
beforeAll(async () => {
  fleet = await startFleet({ BULLPEN_OUTPUT_BUDGET_BYTES: '16777216' });
  const receipts = await Promise.all(
    Array.from({ length: 20 }, () =>
      fleet.run({ profile: 'bash', commands: [{ argv: ['bash', '-c', 'sleep 0.02'] }] }),
    ),
  );
  uids = [...new Set(receipts.map(({ receipt }) => receipt?.uid ?? 0))];
});
afterAll(() => fleet?.close());

/** Each leaves as much behind as a job can: files, daemons, IPC objects, folders, links. */
const littering = [
  'echo hello; touch /tmp/a /dev/shm/b; mkdir -p d/e/f; ln -s /etc/passwd link',
  '(setsid sleep 60 &) ; ipcmk -Q -M 4096 -S 1 >/dev/null; exit 3',
  'for i in $(seq 200); do : >file-$i; done; kill -9 $$',
  'trap "" TERM; head -c 300000 /dev/urandom | base64 >out; cat out; sleep 0.01 & exit 0',
];

async function runMany(count: number): Promise<Set<string>> {
  async function* stream() {
    for (let i = 0; i < count; i += 1) {
      yield {
        profile: 'bash',
        commands: [{ argv: ['bash', '-c', littering[i % littering.length] ?? ''] }],
        labels: { number: String(i) },
      };
    }
  }
  const outcomes = new Set<string>();
  const waiting: Promise<void>[] = [];
  for await (const handle of fleet.client.submitMany(stream())) {
    waiting.push(
      handle
        .result({ timeoutMs: 100_000 })
        .then(({ commands }) => void outcomes.add(JSON.stringify(commands[0]?.outcome))),
    );
  }
  await Promise.all(waiting);
  return outcomes;
}

test(`${jobs} jobs in a row leave nothing behind: no process, mount, cgroup, IPC object, key, file, descriptor or namespace`, async () => {
  expect(uids.length).toBe(slots);
  await runMany(80);
  // An idle slot makes its next jail ahead: what is compared must have come to rest on both sides.
  const settled = (): Promise<void> =>
    eventually('every slot is idle with its next jail ready', async () => {
      const first = countHost(fleet.worker.pid, uids, fleet);
      await sleep(300);
      return first.processesOfSlotUsers === 0 && isDeepStrictEqual(first, countHost(fleet.worker.pid, uids, fleet));
    });
  await settled();
  const family = familyOf(fleet.worker.pid);
  const before = countHost(fleet.worker.pid, uids, fleet);
  const memoryBefore = family.map(residentBytes);
  const outcomes = await runMany(jobs);
  await settled();
  expect([...outcomes].sort()).toEqual(
    [
      '{"kind":"exited","exitCode":0}',
      '{"kind":"exited","exitCode":3}',
      '{"kind":"signaled","signal":"SIGKILL"}',
    ].sort(),
  );
  expect(countHost(fleet.worker.pid, uids, fleet)).toEqual(before);
  const jailerNames = ['bullpen-master', 'bullpen-keeper', 'bullpen-forker'];
  for (const [index, pid] of family.entries()) {
    const name = nameOf(pid);
    const growth = residentBytes(pid) - (memoryBefore[index] ?? 0);
    if (jailerNames.includes(name)) expect(growth, name).toBeLessThan(MIB / 4);
    if (pid === fleet.worker.pid) expect(growth, 'the worker').toBeLessThan(96 * MIB);
  }
}, 180_000);

test('a keeper stays below 2 MB', () => {
  const keepers = familyOf(fleet.worker.pid).filter((pid) => nameOf(pid) === 'bullpen-keeper');
  expect(keepers.length).toBe(slots);
  for (const pid of keepers) expect(residentBytes(pid)).toBeLessThan(2 * MIB);
});

test('a job with 10 MB of output grows the worker by no more than a few times its output cap', async () => {
  const before = residentBytes(fleet.worker.pid);
  const result = await fleet.run({
    profile: 'bash',
    commands: [{ argv: ['bash', '-c', 'head -c 10000000 /dev/zero | tr "\\0" x'] }],
    limits: { outputBytes: 10_000_000 },
  });
  expect(result.commands[0]?.stdout).toMatchObject({ bytesKept: 10_000_000, truncated: false });
  expect(residentBytes(fleet.worker.pid) - before).toBeLessThan(60 * MIB);
});

test('a worker that ends leaves no process, mount, cgroup, descriptor or file', async () => {
  const { pid } = fleet.worker;
  const family = familyOf(pid);
  await fleet.worker.close();
  await eventually('every process of the worker has ended', () => family.every((each) => nameOf(each) === ''));
  const after = countHost(pid, uids, fleet);
  expect(after).toMatchObject({
    cgroups: [],
    processesOfSlotUsers: 0,
    keeperMounts: [],
    runFiles: [],
    boxFiles: [],
  });
});
