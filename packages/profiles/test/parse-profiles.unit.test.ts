import { describe, expect, test } from 'vitest';
import { parseProfiles } from '../src/parse-profiles.ts';
import { makeProfile } from './example-profile.ts';

const profile = makeProfile();

test('reads one profile or a list of them and fills defaults', () => {
  expect(parseProfiles(profile, 'own.json')).toEqual([profile]);
  const { extensions: _left, ...rest } = makeProfile({ name: 'other' });
  expect(parseProfiles([profile, rest], 'own.json').map(({ extensions }) => extensions)).toEqual([['.ex'], []]);
});

describe('refuses with one sentence', () => {
  test.each([
    ['a number', 5, 'own.json: the file must hold a profile or a list of profiles'],
    ['an empty object', {}, 'own.json: name is missing: it must be a string'],
    [
      'a name',
      { ...profile, name: 'Own' },
      'own.json: name must be lower-case letters, digits and dashes, at most 32, got "Own"',
    ],
    [
      'an unknown field',
      { ...profile, network: true },
      'own.json: the profile must not have "network": no such field is known',
    ],
    ['two of a name', [profile, profile], 'own.json: profile example must be described once, got two of that name'],
    [
      'a default above its ceiling',
      { ...profile, defaults: { ...profile.defaults, openFiles: 512 } },
      'own.json: profile example: defaults.openFiles must be at most the ceiling 256, got 512',
    ],
    [
      'an unlimited default under a ceiling',
      { ...profile, ceilings: { ...profile.ceilings, addressSpaceBytes: 1_073_741_824 } },
      'own.json: profile example: defaults.addressSpaceBytes must be at most the ceiling 1073741824, got unlimited',
    ],
    [
      'a recipe above a ceiling',
      { ...profile, recipe: [{ argv: ['x'], limits: { wallTimeMs: 60_001 } }] },
      'own.json: profile example: recipe[0].limits.wallTimeMs must be at most the ceiling 60000, got 60001',
    ],
    [
      'a relative path',
      { ...profile, view: [{ source: 'usr', access: 'read' }] },
      'own.json: view[0].source must be an absolute path without white space, got "usr"',
    ],
    [
      'a work directory among the devices',
      { ...profile, workDirectory: '/dev/shm/x' },
      'own.json: workDirectory must not lie in /tmp, /dev or /proc, got "/dev/shm/x"',
    ],
    [
      'a work directory with dots',
      { ...profile, workDirectory: '/a/../b' },
      'own.json: workDirectory must have no "." or ".." in it, got "/a/../b"',
    ],
    [
      'the root as work directory',
      { ...profile, workDirectory: '/' },
      'own.json: workDirectory must be an absolute path of letters, digits, dots, dashes, plus signs or underscores, got "/"',
    ],
    [
      'a relative mask',
      { ...profile, masked: ['/etc/', 'etc/passwd'] },
      'own.json: masked[1] must be an absolute path of letters, digits, dots, dashes, plus signs or underscores, got "etc/passwd"',
    ],
    [
      'a mask with dots',
      { ...profile, masked: ['/a/..'] },
      'own.json: masked[0] must have no "." or ".." in it, got "/a/.."',
    ],
    [
      'a relative link',
      { ...profile, links: [{ path: 'x', to: '/usr/bin/x' }] },
      'own.json: links[0].path must be an absolute path without white space, got "x"',
    ],
    [
      'a target for a pattern',
      { ...profile, view: [{ source: '/usr/*', target: '/x', access: 'read' }] },
      'own.json: profile example: view[0].target must be left out when the source has "*", got "/x"',
    ],
    [
      'an access',
      { ...profile, view: [{ source: '/usr', access: 'write' }] },
      'own.json: view[0].access must be "read" or "execute", got "write"',
    ],
    [
      'a bad variable',
      { ...profile, env: { 'A-B': 'x' } },
      'own.json: a name in env must be letters, digits and underscores, the first no digit, got "A-B"',
    ],
    ['an empty recipe', { ...profile, recipe: [] }, 'own.json: recipe must have at least 1 item, got 0'],
  ])('%s', (_what, value, sentence) => {
    expect(() => parseProfiles(value, 'own.json')).toThrow(new Error(sentence));
  });
});
