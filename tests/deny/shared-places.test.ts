import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { onThisRung } from '../support/rung.ts';

/** What a host has for everybody: without namespaces of their own, jails would meet there. */
let fleet: Fleet;
const folders = ['/tmp', '/dev/shm'].map((place) => mkdtempSync(`${place}/bullpen-shared-`));
const [inTmp = '', inSharedMemory = ''] = folders;
/** Identifiers of objects that every user may use. */
const objects = { memory: makeObject('-M', '4096'), messages: makeObject('-Q'), semaphores: makeObject('-S', '1') };

/** `ipcmk` prints a sentence that ends with the identifier. */
function makeObject(...kind: readonly string[]): string {
  return (
    execFileSync('ipcmk', [...kind, '-p', '0666'], { encoding: 'utf8' })
      .trim()
      .split(' ')
      .at(-1) ?? ''
  );
}

const keyOf = (kind: string, identifier: string): string =>
  readFileSync(`/proc/sysvipc/${kind}`, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find(([, id]) => id === identifier)?.[0] ?? '';

beforeAll(async () => {
  for (const folder of folders) {
    execFileSync('chmod', ['777', folder]);
    writeFileSync(`${folder}/file`, 'for everybody', { mode: 0o666 });
    execFileSync('chmod', ['666', `${folder}/file`]);
  }
  fleet = await startFleet();
});
afterAll(async () => {
  await fleet?.close();
  for (const folder of folders) rmSync(folder, { recursive: true });
  const { memory, messages, semaphores } = objects;
  execFileSync('ipcrm', ['-m', memory, '-q', messages, '-s', semaphores]);
});

const files = 'the directory for temporary files can be written';
const mapping = 'memory can be shared with a child';
const absent = { namespaces: 'ENOENT', classic: 'EACCES' };
const unknown = { namespaces: 'EINVAL', classic: 'EACCES' };
/** Where a jail has namespaces these are its own: tests/isolation shows that nobody else finds what it made. */
const closed = { namespaces: 'through', classic: 'EACCES' };

test.for<[rule: string, probe: string, answers: { namespaces: string; classic: string }, twin: string]>([
  ['a file of the host’s /tmp cannot be read', `read ${inTmp}/file`, absent, files],
  ['a file of the host’s /tmp cannot be written', `write ${inTmp}/file`, absent, files],
  ['a file of the host’s /tmp cannot be removed', `unlink ${inTmp}/file`, absent, files],
  ['a folder of the host’s /tmp cannot be listed', `list ${inTmp}`, absent, files],
  ['a file of the host’s /dev/shm cannot be read', `read ${inSharedMemory}/file`, absent, files],
  ['a file of the host’s /dev/shm cannot be written', `write ${inSharedMemory}/file`, absent, files],
  ['POSIX shared memory of the host cannot be found', `posix-shm-find /${basename(inSharedMemory)}`, absent, mapping],
  [
    'System V shared memory of the host cannot be attached by its number',
    `shm-attach ${objects.memory}`,
    unknown,
    mapping,
  ],
  ['System V shared memory of the host cannot be removed', `shm-remove ${objects.memory}`, unknown, mapping],
  ['a message queue of the host cannot be written by its number', `msg-send ${objects.messages}`, unknown, mapping],
  ['semaphores of the host cannot be raised by their number', `sem-raise ${objects.semaphores}`, unknown, mapping],
  [
    'System V shared memory of the host cannot be found by its key',
    `shm-find ${keyOf('shm', objects.memory)}`,
    absent,
    mapping,
  ],
  [
    'a message queue of the host cannot be found by its key',
    `msg-find ${keyOf('msg', objects.messages)}`,
    absent,
    mapping,
  ],
  [
    'semaphores of the host cannot be found by their key',
    `sem-find ${keyOf('sem', objects.semaphores)}`,
    absent,
    mapping,
  ],
  ['no file is made in the host’s /tmp', 'write /tmp/bullpen-shared-new', closed, files],
  ['no file is made in the host’s /dev/shm', 'write /dev/shm/bullpen-shared-new', closed, files],
  ['no POSIX shared memory of the host is made', 'posix-shm-make /bullpen-shared-new', closed, mapping],
  ['no System V shared memory of the host is made', 'shm-make 7411', closed, mapping],
  ['no message queue of the host is made', 'msg-make 7411', closed, mapping],
  ['no semaphores of the host are made', 'sem-make 7411', closed, mapping],
])('$0 (twin: $3)', async ([, words, answers]) => {
  expect((await fleet.probe(words)).answer).toBe(onThisRung(answers));
  for (const folder of folders) expect(readFileSync(`${folder}/file`, 'utf8')).toBe('for everybody');
});
