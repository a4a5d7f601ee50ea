import { describe, expect, test } from 'vitest';
import { findUncovered, viewRules } from '../../src/apparmor/view-rules.ts';
import { builtinProfiles } from '../../src/builtin/index.ts';
import { makeNodeHost } from '../../src/host.ts';
import { resolveProfile } from '../../src/resolve-profile.ts';
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

describe('a file of a versioned name is covered under the longer name that it leads to', () => {
  const strict = viewRules(
    makeProfile({
      toolchain: { title: 'Python', programs: ['/usr/bin/python3'] },
      view: [
        { source: '/usr/bin/python3', access: 'execute' },
        { source: '/usr/bin/tool', access: 'execute' },
        { source: '/usr/lib/*-linux-gnu/libz.so.1', access: 'execute' },
        { source: '/usr/lib/libmpdec.so.*', access: 'read' },
      ],
    }),
  );

  test.each([
    ['execute', '/usr/bin/python3.11'],
    ['execute', '/usr/lib/x86_64-linux-gnu/libz.so.1.2.13'],
    ['read', '/usr/lib/libmpdec.so.2.5.1'],
  ] as const)('%s %s', (access, target) => {
    expect(findUncovered(strict, [{ access, target }])).toBeNull();
  });

  test.each([
    ['execute', '/usr/bin/python3-config'],
    ['execute', '/usr/bin/env'],
    ['execute', '/usr/bin/tool.old'],
    ['execute', '/usr/lib/x86_64-linux-gnu/libz.so.12'],
    ['execute', '/usr/lib/libmpdec.so.2.5.1'],
  ] as const)('but not %s %s', (access, target) => {
    expect(findUncovered(strict, [{ access, target }])).toBe(target);
  });
});

test('every profile that this host can run is covered where it really lies, too', async () => {
  const host = makeNodeHost({ version: async () => '1', node: '/usr/bin/node' });
  const resolutions = await Promise.all(builtinProfiles.map((profile) => resolveProfile(profile, host, 'host')));
  for (const resolution of resolutions) {
    // Those two may lie in a home directory, which no profile can name.
    if (!resolution.available || ['node', 'rust'].includes(resolution.profile.name)) continue;
    expect([resolution.profile.name, findUncovered(viewRules(resolution.profile), resolution.view)]).toEqual([
      resolution.profile.name,
      null,
    ]);
  }
});
