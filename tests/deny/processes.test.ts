import { afterAll, beforeAll, expect, test } from 'vitest';
import { leastOf } from '../support/least-of.ts';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { hasOwnRoot, onThisRung } from '../support/rung.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet();
});
afterAll(() => fleet?.close());

/** In a user namespace init has the program's user, and the kernel keeps the signals of its namespace from it without a word. */
const toInit = onThisRung({ namespaces: /^(EPERM|ESRCH)$/, userns: /^through$/, classic: /^(EPERM|ESRCH)$/ });

test.for<[rule: string, probe: string, answers: RegExp, twin: string]>([
  [
    '/proc shows no other process',
    'see-other-processes',
    onThisRung({ namespaces: /^ENOENT$/, classic: /^EACCES$/ }),
    '/proc shows the program itself',
  ],
  ['init cannot be killed', 'kill 1 9', toInit, 'a child can be signalled'],
  ['init does not listen to SIGTERM', 'kill 1 15', toInit, 'a child can be signalled'],
  ['the program’s own parent cannot be killed', 'signal-parent 9', toInit, 'a child can be signalled'],
  ['a child cannot be traced', 'ptrace-child', /^EPERM$/, 'a child can be signalled'],
  ['init cannot be traced', 'ptrace 1', /^EPERM$/, 'a child can be signalled'],
  ['the memory of a child cannot be read', 'process-vm-read-child', /^EPERM$/, 'a child can be signalled'],
  ['a descriptor of a child cannot be taken', 'pidfd-getfd-child', /^EPERM$/, 'a child can be signalled'],
  ['the priority cannot be raised', 'raise-priority', /^(EACCES|EPERM)$/, 'the priority can be lowered'],
])('$0 (twin: $3)', async ([, words, answers]) => {
  expect((await fleet.probe(words)).answer).toMatch(answers);
});

test('the worker and the programs of the host cannot be signalled (twin: a child can be signalled)', async () => {
  const pids = [fleet.worker.pid, process.pid, process.ppid];
  const answers = await fleet.probes(pids.map((pid) => `kill ${pid} 9`));
  const refused = hasOwnRoot ? 'ESRCH' : 'EPERM';
  expect(answers.map(({ answer }) => answer)).toEqual([refused, refused, refused]);
});

test('kill(-1) reaches nobody: the other slot, the worker and the next job go on (twin: a child can be signalled)', async () => {
  const neighbour = fleet.probe('sleep 400');
  const killer = fleet.shell('kill -9 -1; for i in $(seq 2 50); do kill -9 $i; done 2>/dev/null; echo done');
  expect((await neighbour).answer).toBe('through');
  await killer;
  expect((await fleet.shell('echo alive')).stdout.data).toBe('alive\n');
});

test('a daemon that left its session does not outlive its job, nor prolong it (twin: a process can be started)', async () => {
  const leave = async (): Promise<number> => {
    const { answer, report } = await fleet.probe('daemon 60');
    expect(answer).toBe('through');
    return report.usage.wallTimeMs;
  };
  expect(await leastOf(1000, leave)).toBeLessThan(1000);
});

test('pure-python can start no process (twin: a process can be started)', async () => {
  const script = 'import os\ntry: os.fork(); print("through")\nexcept OSError as e: print(e.strerror)';
  const result = await fleet.run({
    profile: 'pure-python',
    files: [{ path: 'm.py', content: script }],
    commands: [{ argv: ['python3', 'm.py'] }],
  });
  expect(result.commands[0]?.stdout.data).toBe('Operation not permitted\n');
});
