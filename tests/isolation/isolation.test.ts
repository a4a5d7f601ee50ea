import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type Fleet, startFleet } from '../support/fleet.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet({ BULLPEN_SLOTS: '2' });
});
afterAll(() => fleet?.close());

/** Two probes of a kind: one makes something that outlives its process, the other looks for it. */
const pairs: [what: string, make: string, find: string, missing: string][] = [
  ['a file of the work directory', 'write /work/left', 'read /work/left', 'ENOENT'],
  ['a file of /tmp', 'write /tmp/left', 'read /tmp/left', 'ENOENT'],
  ['a file of /dev/shm', 'write /dev/shm/left', 'read /dev/shm/left', 'ENOENT'],
  ['System V shared memory', 'shm-make 7001', 'shm-find 7001', 'ENOENT'],
  ['System V messages', 'msg-make 7001', 'msg-find 7001', 'ENOENT'],
  ['System V semaphores', 'sem-make 7001', 'sem-find 7001', 'ENOENT'],
  ['POSIX shared memory', 'posix-shm-make /left', 'posix-shm-find /left', 'ENOENT'],
];

describe('a job', () => {
  test.for(pairs)('finds %s of an earlier command of its own', async ([, make, find]) => {
    const answers = await fleet.probes([make, find]);
    expect(answers.map(({ answer }) => answer)).toEqual(['through', 'through']);
  });

  test.for(pairs)('does not find %s of the job before it in the same slot', async ([, make, find, missing]) => {
    // Two of each at once take both slots, so that the second pair follows the first in each of them.
    const made = await Promise.all([fleet.probe(make), fleet.probe(make)]);
    expect(made.map(({ answer }) => answer)).toEqual(['through', 'through']);
    const found = await Promise.all([fleet.probe(find), fleet.probe(find)]);
    expect(found.map(({ answer }) => answer)).toEqual([missing, missing]);
  });

  test.for(pairs)('does not find %s of the job that runs beside it', async ([, make, find, missing]) => {
    const maker = fleet.probes([make, 'sleep 300']);
    const finder = fleet.probes(['sleep 150', find]);
    expect((await maker).map(({ answer }) => answer)).toEqual(['through', 'through']);
    expect((await finder).map(({ answer }) => answer)).toEqual(['through', missing]);
  });
});

describe('two jobs at once', () => {
  test('have different users and see none of each other’s processes', async () => {
    // The shell lists by itself: a pipe's other end may or may not have been made when its first one looks.
    const script = 'sleep 0.3; id -u; seen=(/proc/[0-9]*); echo ${#seen[@]}';
    const [one, other] = await Promise.all([fleet.shell(script), fleet.shell(script)]);
    const [oneUid, oneSees] = one.stdout.data.split('\n');
    const [otherUid, otherSees] = other.stdout.data.split('\n');
    expect(oneUid).not.toBe(otherUid);
    expect([oneSees, otherSees]).toEqual(['1', '1']);
  });

  test('cannot reach each other’s abstract sockets', async () => {
    const listener = fleet.probe('listen-unix @between-jobs 400');
    const caller = fleet.probes(['sleep 150', 'connect-unix @between-jobs']);
    expect((await caller)[1]?.answer).toBe('ECONNREFUSED');
    expect((await listener).answer).toBe('through');
  });

  test('cannot signal each other', async () => {
    const victim = fleet.probe('sleep 500');
    await fleet.shell('for i in $(seq 1 300); do kill -9 $i 2>/dev/null; done; kill -9 -1');
    expect((await victim).answer).toBe('through');
  });

  test('do not share their limits: a full neighbour takes nothing away', async () => {
    const full = fleet.probe('hold-processes 8', { limits: { processes: 8 } });
    const disk = fleet.probe('fill-file /tmp/a 40000000', {
      limits: { diskBytes: 33_554_432, memoryBytes: 134_217_728 },
    });
    expect((await full).answer).toBe('EAGAIN');
    expect((await disk).answer).toBe('ENOSPC');
    const [after, more] = await Promise.all([
      fleet.probe('hold-processes 20'),
      fleet.probe('fill-file /tmp/a 30000000'),
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
  expect((await handle.result({ timeoutMs: 5000 })).state).toBe('cancelled');
  expect((await fleet.shell('pgrep sleep | wc -l')).stdout.data).toBe('0\n');
});
