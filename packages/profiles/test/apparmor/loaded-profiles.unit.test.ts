import { describe, expect, test } from 'vitest';
import { appArmorProfileOwner, findLoaded, parseLoadedProfiles } from '../../src/apparmor/loaded-profiles.ts';

const name = 'bullpen-python-0123456789ab';
const old = 'bullpen-python-ba9876543210';

test('the kernel’s list is read by name, whatever else stands in it', () => {
  const text = `${name} (enforce)\n/usr/bin/man (complain)\nname with (marks) (unconfined)\n\n`;
  expect([...parseLoadedProfiles(text)]).toEqual([
    [name, 'enforce'],
    ['/usr/bin/man', 'complain'],
    ['name with (marks)', 'unconfined'],
  ]);
});

describe('a profile is', () => {
  test.each([
    [`${name} (enforce)`, { state: 'enforced', mode: 'enforce', otherVersions: [] }],
    [`${name} (enforce)\n${old} (enforce)`, { state: 'enforced', mode: 'enforce', otherVersions: [old] }],
    [`${name} (complain)`, { state: 'not-enforced', mode: 'complain', otherVersions: [] }],
    [`${name} (unconfined)`, { state: 'not-enforced', mode: 'unconfined', otherVersions: [] }],
    [`${old} (enforce)`, { state: 'stale', mode: null, otherVersions: [old] }],
    ['bullpen-pure-python-0123456789ab (enforce)', { state: 'missing', mode: null, otherVersions: [] }],
    ['', { state: 'missing', mode: null, otherVersions: [] }],
  ])('%j', (text, finding) => {
    expect(findLoaded('python', name, parseLoadedProfiles(text))).toEqual(finding);
  });
});

test.each([
  ['bullpen-python-0123456789ab', 'python'],
  ['bullpen-pure-python-0123456789ab', 'pure-python'],
  ['bullpen-worker', null],
  ['bullpen-python-0123456789abc', null],
  ['/usr/bin/python', null],
])('%s was made from %s', (loaded, owner) => {
  expect(appArmorProfileOwner(loaded)).toBe(owner);
});
