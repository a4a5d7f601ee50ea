import { execFileSync } from 'node:child_process';
import { mkdtemp, mkdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeNodeHost } from '../src/host.ts';

const host = makeNodeHost({ version: async () => '1' });
let directory = '';

beforeAll(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'profiles-')));
  await writeFile(join(directory, 'program'), '#!/bin/sh\n', { mode: 0o755 });
  await writeFile(join(directory, 'text'), 'x', { mode: 0o644 });
  await mkdir(join(directory, 'folder'));
  await symlink('program', join(directory, 'link'));
  await symlink('loop', join(directory, 'loop'));
});

afterAll(() => rm(directory, { recursive: true }));

test('follows links to real paths and answers null where nothing is', async () => {
  expect(await host.realpath(join(directory, 'link'))).toBe(join(directory, 'program'));
  expect(await host.realpath(join(directory, 'absent'))).toBeNull();
  expect(await host.realpath(join(directory, 'text/below'))).toBeNull();
  expect(await host.realpath(join(directory, 'loop'))).toBeNull();
});

test('reads the text of a link and answers null for what is none', async () => {
  expect(await host.linkText(join(directory, 'link'))).toBe('program');
  expect(await host.linkText(join(directory, 'text'))).toBeNull();
  expect(await host.linkText(join(directory, 'absent'))).toBeNull();
});

test('calls only files executable, not directories', async () => {
  expect(await host.isExecutable(join(directory, 'link'))).toBe(true);
  expect(await host.isExecutable(join(directory, 'folder'))).toBe(false);
  expect(await host.isExecutable(join(directory, 'text'))).toBe(false);
  expect(await host.isExecutable(join(directory, 'absent'))).toBe(false);
});

test('lists a directory, and nothing of what is none', async () => {
  expect((await host.list(directory)).toSorted()).toEqual(['folder', 'link', 'loop', 'program', 'text']);
  expect(await host.list(join(directory, 'absent'))).toEqual([]);
});

test("knows the worker's own Node and home unless told otherwise", () => {
  expect(host.node).toBe(process.execPath);
  expect(host.home).toMatch(/^\//);
  expect(makeNodeHost({ version: async () => '', node: '/n', home: '/h' })).toMatchObject({ node: '/n', home: '/h' });
});

test('is found by a user that the user database does not know', () => {
  const program = `import { makeNodeHost } from ${JSON.stringify(new URL('../src/host.ts', import.meta.url).href)};
    process.setuid?.(3_999_999_999);
    console.log(makeNodeHost({ version: async () => '' }).home);`;
  const isRoot = process.getuid?.() === 0;
  const home = execFileSync(
    process.execPath,
    ['--input-type=module', '--eval', isRoot ? program : program.replace('process.setuid?.(3_999_999_999);', '')],
    { encoding: 'utf8', cwd: '/' },
  ).trim();
  expect(home).toBe(isRoot ? '/nonexistent' : userInfo().homedir);
});
