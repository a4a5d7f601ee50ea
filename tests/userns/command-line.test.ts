import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { makeOrdinaryUser } from './support/ordinary-user.ts';

test('run: a program of an ordinary user runs in a jail with every layer that needs no privilege, and nothing is left', async () => {
  const user = makeOrdinaryUser();
  const file = user.write('answer.py', 'import os\nprint(6 * 7, os.getuid(), os.listdir("/work"))\n');
  const { exitCode, stdout } = await user.bullpen(['run', '--json', file]);
  const result = JSON.parse(stdout);
  expect(exitCode).toBe(0);
  // Inside it is the slot's user; outside it stays the ordinary one.
  expect(result.commands[0].stdout.data).toBe(`42 ${result.receipt.uid} ['answer.py']\n`);
  expect(result.receipt.uid).not.toBe(user.uid);
  expect(result.receipt.layers.map(({ name }: { name: string }) => name)).toEqual([
    'identity',
    'rlimits',
    'namespaces',
    'landlock',
    'seccomp',
  ]);
  expect(result.receipt.layers[2].detail).toBe('pid,mnt,net,ipc,uts,cgroup,user');
  await eventually('all processes have ended', () => user.processes().length === 0);
  expect(readdirSync(user.temporary)).toEqual([]);
});

test('run: the exit code of the program is that of the command', async () => {
  const user = makeOrdinaryUser();
  const file = user.write('seven.sh', 'echo out; echo err >&2; exit 7\n');
  expect(await user.bullpen(['run', file])).toMatchObject({
    exitCode: 7,
    stdout: 'out\n',
    stderr: expect.stringContaining('err\n'),
  });
});

test('demo: every sample, the bombs among them, is judged as it must be', { timeout: 180_000 }, async () => {
  const user = makeOrdinaryUser();
  const { exitCode, stdout } = await user.bullpen(['demo', '--jobs', '40', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ submissions: 40, different: 0 });
  expect(exitCode).toBe(0);
  await eventually('all processes have ended', () => user.processes().length === 0);
  expect(readdirSync(user.temporary)).toEqual([]);
});

test('uids pick works for an ordinary user', async () => {
  const user = makeOrdinaryUser();
  const { exitCode, stdout } = await user.bullpen(['uids', 'pick', '--json', '--count', '3']);
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ count: 3, base: expect.any(Number) });
});
