import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCatalog } from '@bullpen/profiles';
import { afterAll, expect, it } from 'vitest';
import { makeRunJob } from '../../src/job/make-run-job.ts';

const catalog = createCatalog();
const folder = mkdtempSync(join(tmpdir(), 'cli-job-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

it('chooses the profile by the extension and passes the arguments on', async () => {
  const job = await makeRunJob(write('a.py', 'pass'), ['x', '--y'], {}, catalog);
  expect(job.profile).toBe('python');
  expect(job.files).toEqual([{ path: 'a.py', content: 'pass' }]);
  expect(job.commands.map(({ argv }) => argv)).toEqual([['python3', 'a.py', 'x', '--y']]);
});

it('compiles and runs where the profile says so, with standard input for the program alone', async () => {
  const job = await makeRunJob(write('a.c', 'int main;'), [], { stdin: write('in', '1 2') }, catalog);
  expect(job.commands.map(({ stdin }) => stdin)).toEqual(['', '1 2']);
});

it('gathers limits from all three options', async () => {
  const job = await makeRunJob(
    write('b.py', ''),
    [],
    { timeout: '2s', memory: '64M', limit: ['processes=4', 'openFiles=32', 'diskFiles=99'] },
    catalog,
  );
  expect(job.limits).toEqual({ diskFiles: 99 });
  expect(job.commands[0]?.limits).toEqual({ wallTimeMs: 2000, memoryBytes: 67_108_864, processes: 4, openFiles: 32 });
});

it('requires what is asked for, and nothing unless asked', async () => {
  expect((await makeRunJob(write('r.sh', ''), [], { require: ['cgroup', 'apparmor'] }, catalog)).requires).toEqual([
    'cgroup',
    'apparmor',
  ]);
  expect(await makeRunJob(write('r.sh', ''), [], {}, catalog)).not.toHaveProperty('requires');
  await expect(makeRunJob(write('r.sh', ''), [], { require: ['moat'] }, catalog)).rejects.toThrow(
    '--require is "moat"',
  );
});

it('gives limits to the program alone: its compiler keeps those of the profile', async () => {
  const plain = await makeRunJob(write('l.c', ''), [], {}, catalog);
  const limited = await makeRunJob(write('l.c', ''), [], { limit: ['processes=1', 'stackBytes=65536'] }, catalog);
  expect(limited.limits).toEqual({});
  expect(limited.commands[0]).toEqual(plain.commands[0]);
  expect(limited.commands[1]?.limits).toMatchObject({ processes: 1, stackBytes: 65_536 });
});

it('carries bytes that are no text, and files in folders', async () => {
  const source = write('raw', new Uint8Array([0xff, 0x00]));
  const job = await makeRunJob(write('d.py', ''), [], { file: [`data/raw.bin=${source}`] }, catalog);
  expect(job.files?.[1]).toEqual({ path: 'data/raw.bin', content: { base64: '/wA=' } });
});

it('takes the named profile whatever the extension', async () => {
  expect((await makeRunJob(write('e.txt', ''), [], { profile: 'bash' }, catalog)).profile).toBe('bash');
});

it.each([
  [
    'an unknown extension',
    'f.xyz',
    {},
    /^No profile claims the extension of f\.xyz: choose one with --profile \(python, /,
  ],
  ['an unknown profile', 'g.py', { profile: 'cobol' }, /^--profile is "cobol": the profiles are python, /],
  ['a name that a compiler would take for an option', '-o.c', {}, /must not start with "-"/],
  ['a file twice', 'h.py', { file: ['h.py=/etc/passwd'] }, /must differ from the path of every other file/],
  ['a path that leaves the work directory', 'i.py', { file: ['../x=/etc/passwd'] }, /files\[1\]\.path/],
  [
    'a limit above the ceiling',
    'j.py',
    { memory: '32G' },
    /limits\.memoryBytes must be at most 4294967296 for profile python/,
  ],
])('refuses %s before anything is started', async (_what, name, options, sentence) => {
  await expect(makeRunJob(write(name, ''), [], options, catalog)).rejects.toThrow(sentence);
});

it('says which file cannot be read', async () => {
  await expect(makeRunJob(join(folder, 'absent.py'), [], {}, catalog)).rejects.toThrow(
    /^FILE .*absent\.py cannot be read: there is no such file\.$/,
  );
  await expect(makeRunJob(write('k.py', ''), [], { stdin: folder }, catalog)).rejects.toThrow(
    /^--stdin .* cannot be read: it is a directory\.$/,
  );
});

it.each([
  ['a directory', folder, /it is a directory\.$/],
  ['a device', '/dev/zero', /it is a pipe or a device, not a file\.$/],
  ['no name', '', /^FILE is an empty name/],
])('refuses %s in the place of the program', async (_what, path, sentence) => {
  await expect(makeRunJob(path, [], { profile: 'python' }, catalog)).rejects.toThrow(sentence);
});

it('refuses a pipe without waiting for its writer, and a file that no job can carry without reading it', async () => {
  const pipe = join(folder, 'pipe.py');
  execFileSync('mkfifo', [pipe]);
  await expect(makeRunJob(pipe, [], {}, catalog)).rejects.toThrow(/it is a pipe or a device, not a file\.$/);
  const large = write('large.py', '');
  truncateSync(large, 10_000_000_000);
  await expect(makeRunJob(large, [], {}, catalog)).rejects.toThrow(/^FILE .*large\.py is larger than 32 MiB/);
});
