import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { hasOwnRoot, onThisRung, slots } from '../support/rung.ts';

let fleet: Fleet;
/** Where a second job runs beside one of `fleet`: in another slot, or with another worker where a worker has only one. */
let beside: Fleet;
beforeAll(async () => {
  fleet = await startFleet();
  beside = slots > 1 ? fleet : await startFleet();
});
afterAll(async () => {
  await fleet?.close();
  if (beside !== fleet) await beside?.close();
});

type Pair = [what: string, make: string, find: string, missing: string];

const pairsOfNamespaces: readonly Pair[] = [
  ['a file of /dev/shm', 'write /dev/shm/left', 'read /dev/shm/left', 'ENOENT'],
  ['System V shared memory', 'shm-make 7001', 'shm-find 7001', 'ENOENT'],
  ['System V messages', 'msg-make 7001', 'msg-find 7001', 'ENOENT'],
  ['System V semaphores', 'sem-make 7001', 'sem-find 7001', 'ENOENT'],
  ['POSIX shared memory', 'posix-shm-make /left', 'posix-shm-find /left', 'ENOENT'],
];

/** Two probes of a kind: one makes something that outlives its process, the other looks for it. */
const pairs: readonly Pair[] = [
  ['a file of the work directory', 'write $HOME/left', 'read $HOME/left', 'ENOENT'],
  ['a temporary file', 'write $TMPDIR/left', 'read $TMPDIR/left', 'ENOENT'],
  // Without namespaces the rest is refused: tests/deny/shared-places.test.ts.
  ...(hasOwnRoot ? pairsOfNamespaces : []),
];

describe('a job', () => {
  test.for(pairs)('finds %s of an earlier command of its own', async ([, make, find]) => {
    const answers = await fleet.probes([make, find]);
    expect(answers.map(({ answer }) => answer)).toEqual(['through', 'through']);
  });

  test.for(pairs)('does not find %s of the job before it in the same slot', async ([, make, find, missing]) => {
    // One of each for every slot at once, so that the second ones follow the first in each of them.
    const inEachSlot = (probe: string) => Promise.all(Array.from({ length: slots }, () => fleet.probe(probe)));
    for (const { answer } of await inEachSlot(make)) expect(answer).toBe('through');
    for (const { answer } of await inEachSlot(find)) expect(answer).toBe(missing);
  });

  test.for(pairs)('does not find %s of the job that runs beside it', async ([, make, find, missing]) => {
    const maker = beside.probes([make, 'sleep 300']);
    const finder = fleet.probes(['sleep 150', find]);
    expect((await maker).map(({ answer }) => answer)).toEqual(['through', 'through']);
    expect((await finder).map(({ answer }) => answer)).toEqual(['through', missing]);
  });
});

describe('two jobs at once', () => {
  test('have different users and see none of each other’s processes', async () => {
    // The shell lists by itself: a pipe's other end may or may not have been made when its first one looks.
    const script = 'sleep 1; id -u; shopt -s nullglob; seen=(/proc/[0-9]*); echo ${#seen[@]}';
    const [one, other] = await Promise.all([fleet.shell(script), beside.shell(script)]);
    const [oneUid, oneSees] = one.stdout.data.split('\n');
    const [otherUid, otherSees] = other.stdout.data.split('\n');
    expect(oneUid).not.toBe(otherUid);
    // A jail with the host's /proc cannot list it, its own entry included.
    const seen = hasOwnRoot ? '1' : '0';
    expect([oneSees, otherSees]).toEqual([seen, seen]);
  });

  test('cannot reach each other’s abstract sockets', async () => {
    const listener = beside.probe('listen-unix @between-jobs 400');
    const caller = fleet.probes(['sleep 150', 'connect-unix @between-jobs']);
    expect((await caller)[1]?.answer).toBe(onThisRung({ namespaces: 'ECONNREFUSED', classic: 'EACCES' }));
    expect((await listener).answer).toBe(onThisRung({ namespaces: 'through', classic: 'EACCES' }));
  });

  test('cannot signal each other', async () => {
    const victim = beside.probe('sleep 500');
    await fleet.shell('for i in $(seq 1 300); do kill -9 $i 2>/dev/null; done; kill -9 -1');
    expect((await victim).answer).toBe('through');
  });

  test('do not share their limits: a full neighbour takes nothing away', async () => {
    const full = beside.probe('hold-processes 48', { limits: { processes: 8 } });
    const disk = fleet.probe('fill-and-stay $TMPDIR/a 40000000', {
      limits: { diskBytes: 33_554_432, memoryBytes: 134_217_728 },
    });
    expect((await full).answer).toBe('EAGAIN');
    expect((await disk).answer).toBe(onThisRung({ namespaces: 'ENOSPC', classic: 'output-exceeded' }));
    const [after, more] = await Promise.all([
      beside.probe('hold-processes 20'),
      fleet.probe('fill-file $TMPDIR/a 30000000'),
    ]);
    expect([after.answer, more.answer]).toEqual(['through', 'through']);
  });
});

test('a job that is cancelled while its daemon runs leaves a slot that serves the next job', async () => {
  const handle = await fleet.client.submit({
    profile: 'bash',
    commands: [{ argv: ['bash', '-c', '(setsid sleep 60 &) ; trap "" TERM HUP INT; sleep 60'] }],
  });
  await eventually('the job runs', async () => (await handle.state()) === 'running');
  expect(await handle.cancel()).toBe(true);
  expect((await handle.result({ timeoutMs: 50_000 })).state).toBe('cancelled');
  const next = await fleet.shell('echo serving');
  expect(next.stdout.data).toBe('serving\n');
});
