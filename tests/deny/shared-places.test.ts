import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { onThisRung } from '../support/rung.ts';

/** What a host has for everybody: without namespaces of their own, jails would meet there. */
let fleet: Fleet;
let folders: readonly string[] = [];
/** Identifiers of objects that every user may use. */
let objects: Readonly<Record<'memory' | 'messages' | 'semaphores', string>>;

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
  folders = ['/tmp', '/dev/shm'].map((place) => mkdtempSync(`${place}/bullpen-shared-`));
  objects = { memory: makeObject('-M', '4096'), messages: makeObject('-Q'), semaphores: makeObject('-S', '1') };
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

/** What stands for a place or an object of the host in the words of a probe. */
const named: Readonly<Record<string, () => string>> = {
  IN_TMP: () => folders[0] ?? '',
  IN_SHM: () => folders[1] ?? '',
  SHM_NAME: () => basename(folders[1] ?? ''),
  MEMORY_KEY: () => keyOf('shm', objects.memory),
  MESSAGES_KEY: () => keyOf('msg', objects.messages),
  SEMAPHORES_KEY: () => keyOf('sem', objects.semaphores),
  MEMORY: () => objects.memory,
  MESSAGES: () => objects.messages,
  SEMAPHORES: () => objects.semaphores,
};

const files = 'the directory for temporary files can be written';
const mapping = 'memory can be shared with a child';
const absent = { namespaces: 'ENOENT', classic: 'EACCES' };
const unknown = { namespaces: 'EINVAL', classic: 'EACCES' };
/** Where a jail has namespaces these are its own: tests/isolation shows that nobody else finds what it made. */
const closed = { namespaces: 'through', classic: 'EACCES' };

test.for<[rule: string, probe: string, answers: { namespaces: string; classic: string }, twin: string]>([
  ['a file of the host’s /tmp cannot be read', 'read IN_TMP/file', absent, files],
  ['a file of the host’s /tmp cannot be written', 'write IN_TMP/file', absent, files],
  ['a file of the host’s /tmp cannot be removed', 'unlink IN_TMP/file', absent, files],
  ['a folder of the host’s /tmp cannot be listed', 'list IN_TMP', absent, files],
  ['a file of the host’s /dev/shm cannot be read', 'read IN_SHM/file', absent, files],
  ['a file of the host’s /dev/shm cannot be written', 'write IN_SHM/file', absent, files],
  ['POSIX shared memory of the host cannot be found', 'posix-shm-find /SHM_NAME', absent, mapping],
  ['System V shared memory of the host cannot be attached by its number', 'shm-attach MEMORY', unknown, mapping],
  ['System V shared memory of the host cannot be removed', 'shm-remove MEMORY', unknown, mapping],
  ['a message queue of the host cannot be written by its number', 'msg-send MESSAGES', unknown, mapping],
  ['semaphores of the host cannot be raised by their number', 'sem-raise SEMAPHORES', unknown, mapping],
  ['System V shared memory of the host cannot be found by its key', 'shm-find MEMORY_KEY', absent, mapping],
  ['a message queue of the host cannot be found by its key', 'msg-find MESSAGES_KEY', absent, mapping],
  ['semaphores of the host cannot be found by their key', 'sem-find SEMAPHORES_KEY', absent, mapping],
  ['no file is made in the host’s /tmp', 'write /tmp/bullpen-shared-new', closed, files],
  ['no file is made in the host’s /dev/shm', 'write /dev/shm/bullpen-shared-new', closed, files],
  ['no POSIX shared memory of the host is made', 'posix-shm-make /bullpen-shared-new', closed, mapping],
  ['no System V shared memory of the host is made', 'shm-make 7411', closed, mapping],
  ['no message queue of the host is made', 'msg-make 7411', closed, mapping],
  ['no semaphores of the host are made', 'sem-make 7411', closed, mapping],
])('$0 (twin: $3)', async ([, words, answers]) => {
  const probe = words.replace(/[A-Z]+(_[A-Z]+)?/, (word) => named[word]?.() ?? word);
  expect(probe).not.toMatch(/[A-Z]{2}_|undefined/);
  expect((await fleet.probe(probe)).answer).toBe(onThisRung(answers));
  for (const folder of folders) expect(readFileSync(`${folder}/file`, 'utf8')).toBe('for everybody');
});
