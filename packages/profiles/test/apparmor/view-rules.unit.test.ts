import { describe, expect, test } from 'vitest';
import { findUncovered, viewRules } from '../../src/apparmor/view-rules.ts';
import { makeProfile } from '../example-profile.ts';

const rules = viewRules(
  makeProfile({
    view: [
      { source: '/usr/bin', access: 'execute' },
      { source: '/usr/lib/python3.*', access: 'read', optional: true },
      { source: '/etc/ld.so.cache', access: 'read' },
    ],
  }),
);

describe('a host’s view is covered', () => {
  test.each([
    ['read', '/usr/bin'],
    ['execute', '/usr/bin'],
    ['execute', '/usr/bin/python3'],
    ['execute', '/bin'],
    ['read', '/usr/lib/python3.13'],
    ['read', '/usr/lib/python3.13/os.py'],
    ['read', '/etc/ld.so.cache'],
  ] as const)('%s %s', (access, target) => {
    expect(findUncovered(rules, [{ access, target }])).toBeNull();
  });
});

describe('a host’s view is not covered', () => {
  test.each([
    ['read', '/usr/binary'],
    ['read', '/usr'],
    ['execute', '/usr/lib/python3.13'],
    ['read', '/usr/lib/python3'],
    ['read', '/etc/ldXsoXcache'],
    ['execute', '/opt/python/bin'],
  ] as const)('%s %s', (access, target) => {
    const found = findUncovered(rules, [
      { access: 'read', target: '/usr/bin' },
      { access, target },
    ]);
    expect(found).toBe(target);
  });
});
