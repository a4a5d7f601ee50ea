import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { familyOf, nameOf, userOf } from '../support/host-count.ts';
import { onThisRung } from '../support/rung.ts';

/** Attempts on this worker, its jailer, another worker, and a program that runs with that. */
let fleet: Fleet;
let other: Fleet;
let neighbour: Promise<unknown>;
const victims = ['worker', 'master', 'keeper', 'init', 'worker of others', 'program of others'] as const;
let pids: Readonly<Record<(typeof victims)[number], number>>;
/** Paths that a job of this rung may know, whether or not it can see them. */
let paths: Readonly<Record<string, string>>;

beforeAll(async () => {
  fleet = await startFleet();
  other = await startFleet({ BULLPEN_DRAIN_GRACE_MS: '0' });
  neighbour = other
    .shell('echo treasure > secret; chmod 777 . secret; exec sleep 500', { limits: { wallTimeMs: 500_000 } })
    .catch(() => {});
  const named = (name: string, of: Fleet): number | undefined =>
    familyOf(of.worker.pid).find((pid) => nameOf(pid) === name);
  await eventually('a program of the other worker runs', () => named('sleep', other) !== undefined);
  pids = {
    worker: fleet.worker.pid,
    master: named('bullpen-master', fleet) ?? 0,
    keeper: named('bullpen-keeper', fleet) ?? 0,
    init: named('bullpen-init', other) ?? 0,
    'worker of others': other.worker.pid,
    'program of others': named('sleep', other) ?? 0,
  };
  const box = `${other.boxes}/bullpen-box-${userOf(pids['program of others'])}`;
  paths = {
    RUN: `${fleet.runDir}/bullpen-${fleet.worker.pid}`,
    BOX: onThisRung({ namespaces: '/work/../work', classic: `${box}/work` }),
  };
});
afterAll(async () => {
  await other?.close();
  await neighbour;
  await fleet?.close();
});

const own = 'the program’s own entry of /proc can be read';
const signals = 'the program itself can be signalled';
const scheduling = 'the program’s own priority, cores, class and limits can be lowered';
const ownFiles = 'an own file can be reached by its full path';

type Answers = Parameters<typeof onThisRung<string>>[0];
const hidden: Answers = { namespaces: 'ENOENT', classic: 'EACCES' };
const unknown: Answers = { namespaces: 'ESRCH', classic: 'EPERM' };
const refused: Answers = { namespaces: 'EPERM' };

/** PID stands for the process of a victim. */
const attempts: [rule: string, probe: string, answers: Answers, twin: string][] = [
  ['the state of another process cannot be read', 'read /proc/PID/stat', hidden, own],
  ['the arguments of another process cannot be read', 'read /proc/PID/cmdline', hidden, own],
  ['the environment of another process cannot be read', 'read /proc/PID/environ', hidden, own],
  ['the memory map of another process cannot be read', 'read /proc/PID/maps', hidden, own],
  ['the memory of another process cannot be opened', 'read /proc/PID/mem', hidden, own],
  ['the descriptors of another process cannot be listed', 'list /proc/PID/fd', hidden, own],
  ['the program of another process is not told', 'readlink /proc/PID/exe', hidden, own],
  ['the work directory of another process is not told', 'readlink /proc/PID/cwd', hidden, own],
  ['the root of another process is no way out', 'read /proc/PID/root/etc/passwd', hidden, own],
  ['another process cannot be killed', 'kill PID 9', unknown, signals],
  ['another process cannot be stopped', 'kill PID 19', unknown, signals],
  ['another process cannot be sent a queued signal', 'queue-signal PID 9', unknown, signals],
  ['a thread of another process cannot be killed', 'signal-thread PID 9', unknown, signals],
  ['another process cannot be killed by a descriptor', 'signal-by-descriptor PID 9', unknown, signals],
  ['another process cannot be traced', 'ptrace PID', refused, signals],
  ['the memory of another process cannot be copied', 'process-vm-read PID', refused, signals],
  ['the limits of another process cannot be lowered', 'limit PID', refused, scheduling],
  ['another process cannot be slowed down', 'slow-down PID', unknown, scheduling],
  ['another process cannot be bound to one core', 'bind-to-one-core PID', unknown, scheduling],
  ['another process cannot be made idle', 'make-idle PID', unknown, scheduling],
  ['another process cannot be made to wait for the disk', 'starve-of-disk PID', unknown, scheduling],
];

test.for(attempts)('$0 (twin: $3)', async ([, words, answers]) => {
  const probed = await fleet.probes(victims.map((victim) => words.replace('PID', String(pids[victim]))));
  const expected = onThisRung(answers);
  const told = probed.map(({ answer }, index) => `${victims[index]}: ${answer}`);
  expect(told).toEqual(victims.map((victim) => `${victim}: ${expected}`));
});

test('the kernel cannot be made to signal another process either (twin: the program itself can be signalled)', async () => {
  await fleet.probes(victims.map((victim) => `signal-by-socket ${pids[victim]}`));
  for (const victim of victims) expect([victim, existsSync(`/proc/${pids[victim]}`)]).toEqual([victim, true]);
  expect((await fleet.shell('echo alive')).stdout.data).toBe('alive\n');
});

test.for<[rule: string, probe: string, answers: Answers, twin: string]>([
  ['a file in another job’s box cannot be read', 'read BOX/secret', hidden, ownFiles],
  [
    'a file in another job’s box cannot be written',
    'write BOX/secret',
    { namespaces: 'through', classic: 'EACCES' },
    ownFiles,
  ],
  ['another job’s box cannot be listed', 'list BOX', { namespaces: 'through', classic: 'EACCES' }, ownFiles],
  ['the worker’s run directory cannot be listed', 'list RUN', hidden, ownFiles],
  ['the jailer’s table cannot be read', 'read RUN/table', hidden, ownFiles],
  ['the jailer’s table cannot be written', 'write RUN/table', hidden, ownFiles],
  ['the jailer’s table cannot be removed', 'unlink RUN/table', hidden, ownFiles],
])('$0 (twin: $3)', async ([, words, answers]) => {
  const [place = ''] = /[A-Z]+/.exec(words) ?? [];
  const { answer } = await fleet.probe(words.replace(place, paths[place] ?? ''));
  expect(answer).toBe(onThisRung(answers));
  expect(readFileSync(`/proc/${pids['program of others']}/cwd/secret`, 'utf8')).toBe('treasure\n');
});

test('modes, groups, times and attributes of the worker’s own files: whatever is allowed, worker and slot go on (twin: an own file can be reached by its full path)', async () => {
  const changes = ['chmod PATH 000', 'chgrp PATH', 'touch PATH', 'set-attribute PATH'];
  const targets = [
    `${paths['RUN']}/table`,
    `${fleet.runDir}/locks`,
    paths['RUN'] ?? '',
    fleet.boxes ?? '/run',
    '/usr/bin/env',
  ];
  const probed = await fleet.probes(targets.flatMap((path) => changes.map((words) => words.replace('PATH', path))));
  // Landlock knows nothing of them, so where the worker has the program's user only the kernel's own rules of ownership are left.
  // The times of a directory that everybody may write can be set by everybody.
  const allowed = onThisRung({ namespaces: 0, classic: 1, restricted: 13 });
  expect(probed.filter(({ answer }) => answer === 'through').length).toBeLessThanOrEqual(allowed);
  expect(probed.slice(-changes.length).map(({ answer }) => answer)).not.toContain('through');
  for (let round = 0; round < 3; round += 1) {
    expect((await fleet.shell('echo here > file; cat file')).stdout.data).toBe('here\n');
  }
});
