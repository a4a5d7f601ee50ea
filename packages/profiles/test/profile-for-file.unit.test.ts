import { expect, test } from 'vitest';
import { profileForFile } from '../src/profile-for-file.ts';
import { builtinProfiles } from '../src/builtin/index.ts';

test.each([
  ['main.py', 'python'],
  ['app.mjs', 'node'],
  ['run.sh', 'bash'],
  ['main.c', 'c'],
  ['main.cpp', 'cpp'],
  ['main.c++', 'cpp'],
  ['MAIN.CC', 'cpp'],
  ['lib/main.rs', 'rust'],
  ['Main.java', 'java'],
  ['main.pl', 'perl'],
  ['main.rb', 'ruby'],
  ['main.go', 'go'],
  ['Makefile', null],
  ['main.cob', null],
  ['.py', null],
  ['a.py/readme', null],
])('%s belongs to %s', (path, name) => {
  expect(profileForFile(path, builtinProfiles)?.name ?? null).toBe(name);
});
