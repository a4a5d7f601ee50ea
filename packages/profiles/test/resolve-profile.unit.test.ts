import { describe, expect, test } from 'vitest';
import { resolveProfile } from '../src/resolve-profile.ts';
import type { JailPaths } from '../src/resolve-view.ts';
import { makeExampleHost } from './example-host.ts';
import { makeProfile } from './example-profile.ts';

const host = makeExampleHost({
  paths: ['/usr/bin', '/usr/lib'],
  links: { '/bin': 'usr/bin' },
  programs: { '/usr/bin/example': '\nExample 1.2\nmore\n' },
});

async function available(profile: ReturnType<typeof makeProfile>, on = host, paths: JailPaths = 'own') {
  const resolution = await resolveProfile(profile, on, paths);
  if (!resolution.available) throw new Error(resolution.reason);
  return resolution;
}

async function reason(profile: ReturnType<typeof makeProfile>, on = host, paths: JailPaths = 'own'): Promise<string> {
  const resolution = await resolveProfile(profile, on, paths);
  return resolution.available ? 'available' : resolution.reason;
}

describe('a program in the view', () => {
  test('needs no mount of its own', async () => {
    const resolved = await available(makeProfile());
    expect(resolved.program).toBe('/usr/bin/example');
    expect(resolved.toolchainVersion).toBe('Example 1.2');
    expect(resolved.view).toEqual([{ access: 'execute', source: '/usr/bin', target: '/usr/bin' }]);
    expect(resolved.links).toEqual([{ text: 'usr/bin', path: '/bin' }]);
    expect(resolved.profile.env['PATH']).toBe('/usr/bin');
  });
});

describe('a program outside the view', () => {
  const outside = makeExampleHost({
    paths: ['/usr/bin', '/root/.rustup/toolchains/stable-x/lib'],
    home: '/root',
    programs: { '/root/.rustup/toolchains/stable-x/bin/example': 'Example 2' },
  });
  const programs = ['/usr/bin/example', '{home}/.rustup/toolchains/stable-*/bin/example'];

  test('is shown under mountAt with its whole toolchain, and its directory leads PATH', async () => {
    const toolchain = { title: 'Example', programs, mountAt: '/opt/example', mountLevels: 2 };
    const resolved = await available(makeProfile({ toolchain }), outside);
    expect(resolved.program).toBe('/opt/example/bin/example');
    expect(resolved.profile.env['PATH']).toBe('/opt/example/bin:/usr/bin');
    expect(resolved.view.at(-1)).toEqual({
      access: 'execute',
      source: '/root/.rustup/toolchains/stable-x',
      target: '/opt/example',
    });
  });

  test('is shown at its own place without mountAt', async () => {
    const resolved = await available(makeProfile({ toolchain: { title: 'Example', programs } }), outside);
    expect(resolved.program).toBe('/root/.rustup/toolchains/stable-x/bin/example');
    expect(resolved.view.at(-1)?.source).toBe('/root/.rustup/toolchains/stable-x/bin');
  });

  test("may be the worker's own Node", async () => {
    const own = makeExampleHost({
      paths: ['/usr/bin'],
      node: '/opt/n/bin/node',
      programs: { '/opt/n/bin/node': 'v24.0.0' },
    });
    const resolved = await available(makeProfile({ toolchain: { title: 'Node.js', programs: ['{node}'] } }), own);
    expect(resolved.program).toBe('/opt/n/bin/node');
  });

  test('is mounted at its real place when a link of the view leads out of it', async () => {
    const linked = makeExampleHost({
      paths: ['/usr/bin'],
      links: { '/usr/bin/example': '/opt/ex/bin/example' },
      programs: { '/opt/ex/bin/example': '3' },
    });
    expect((await available(makeProfile(), linked)).program).toBe('/opt/ex/bin/example');
  });

  test.each(['/work/tool/bin/example', '/tmp/example', '/proc/self/example', '/dev/example'])(
    'is refused at %s, which every jail makes itself',
    async (program) => {
      const own = makeExampleHost({ paths: ['/usr/bin'], programs: { [program]: '1' } });
      const profile = makeProfile({ toolchain: { title: 'Example', programs: [program] } });
      expect(await reason(profile, own)).toMatch(/cannot be shown at .* has a \/\w+ of its own: .* a mountAt/);
    },
  );

  test('is refused when its toolchain would be the whole host', async () => {
    const own = makeExampleHost({ paths: ['/usr/bin'], programs: { '/example': '1' } });
    const profile = makeProfile({ toolchain: { title: 'Example', programs: ['/example'] } });
    expect(await reason(profile, own)).toContain('lies too high');
  });
});

describe('a link to the program', () => {
  const links = [
    { path: '/venv/bin/ex', to: '/usr/bin/example' },
    { path: '/venv/bin/other', to: '/usr/bin/other' },
  ];

  test('is the name of the program, and leads PATH', async () => {
    const resolved = await available(makeProfile({ links }));
    expect(resolved.program).toBe('/venv/bin/ex');
    expect(resolved.profile.env['PATH']).toBe('/venv/bin:/usr/bin');
    expect(resolved.links).toEqual([
      { text: 'usr/bin', path: '/bin' },
      { text: '/usr/bin/example', path: '/venv/bin/ex' },
    ]);
  });

  test('does not exist where nothing can be mounted', async () => {
    const resolved = await available(makeProfile({ links }), host, 'host');
    expect([resolved.program, resolved.links]).toEqual(['/usr/bin/example', [{ text: 'usr/bin', path: '/bin' }]]);
  });

  test.each(['/work/ex', '/tmp/ex', '/dev/null', '/proc/ex'])('cannot stand at %s', async (path) => {
    expect(await reason(makeProfile({ links: [{ path, to: '/usr/bin/example' }] }))).toMatch(
      /^a link to \/usr\/bin\/example cannot be shown at .*, since the jail has a .* of its own/,
    );
  });
});

describe('a work directory of the profile’s choice', () => {
  test('is what no view may hide', async () => {
    const view = (target: string) => [
      { source: '/usr/bin', access: 'execute' as const },
      { source: '/usr/lib', target, access: 'read' as const },
    ];
    const at = (target: string) => reason(makeProfile({ view: view(target), workDirectory: '/home/jail' }));
    expect(await at('/work')).toBe('available');
    for (const target of ['/home', '/home/jail', '/home/jail/x']) {
      expect(await at(target)).toContain(
        `/usr/lib cannot be shown at ${target}, since the jail has a /home/jail of its own`,
      );
    }
  });

  test('is what the jailer replaces in HOME where it mounts nothing', async () => {
    const profile = (home: string) => makeProfile({ workDirectory: '/sandbox', env: { HOME: home } });
    expect(await reason(profile('/sandbox'), host, 'host')).toBe('available');
    expect(await reason(profile('/sandbox/x'), host, 'host')).toContain('HOME=/sandbox/x');
  });
});

test('a mask of what the view shows makes a profile unavailable', async () => {
  expect(await reason(makeProfile({ masked: ['/usr/bin/example'] }))).toBe(
    '/usr/bin/example cannot be masked, since the jail shows /usr/bin: take one of them out of the profile',
  );
});

describe('for jails with the host’s paths', () => {
  const outside = makeExampleHost({
    paths: ['/usr/bin', '/usr/lib/rust/lib'],
    links: { '/usr/bin/example': '/usr/lib/rust/bin/example' },
    programs: { '/usr/lib/rust/bin/example': 'Example 2' },
  });

  test('a toolchain outside the view is started where it really is, whatever its mountAt', async () => {
    const toolchain = { title: 'Example', programs: ['/usr/bin/example'], mountAt: '/opt/example', mountLevels: 2 };
    const resolved = await available(makeProfile({ toolchain }), outside, 'host');
    expect(resolved.program).toBe('/usr/lib/rust/bin/example');
    expect(resolved.profile.env['PATH']).toBe('/usr/lib/rust/bin:/usr/bin');
    expect(resolved.view.at(-1)).toEqual({
      access: 'execute',
      source: '/usr/lib/rust',
      target: '/usr/lib/rust',
    });
  });

  test('a toolchain may lie where other jails have directories of their own, but not among devices', async () => {
    const at = (program: string) => makeExampleHost({ paths: ['/usr/bin'], programs: { [program]: '1' } });
    const profile = makeProfile({ toolchain: { title: 'Example', programs: ['/work/tool/bin/x', '/dev/tool/x'] } });
    expect((await available(profile, at('/work/tool/bin/x'), 'host')).program).toBe('/work/tool/bin/x');
    expect(await reason(profile, at('/dev/tool/x'), 'host')).toContain('cannot be shown at /dev/tool');
  });

  test.each([['/work'], ['/tmp'], ['/tmp/cache'], ['/usr/bin:/work/bin'], ['--cache=/dev/shm']])(
    'an environment that says %s makes it unavailable, since only the jailer knows where that is',
    async (value) => {
      expect(await reason(makeProfile({ env: { CACHE: value } }), host, 'host')).toBe(
        `its environment has CACHE=${value}, a directory that only jails with mounts have: the jails of this worker have the host's paths`,
      );
    },
  );

  test('HOME and TMPDIR are what the jailer replaces', async () => {
    const env = { HOME: '/work', TMPDIR: '/tmp', PATH: '/usr/bin', WORKERS: '/workers' };
    expect((await available(makeProfile({ env }), host, 'host')).profile.env).toMatchObject(env);
  });
});

describe('an unavailable profile says why', () => {
  test('no program', async () => {
    const profile = makeProfile({ toolchain: { title: 'Ruby', programs: ['/usr/bin/ruby', '{home}/ruby'] } });
    expect(await reason(profile)).toBe(
      'no Ruby on this host: none of /usr/bin/ruby, /home/worker/ruby is an executable file',
    );
  });

  test('a program that fails', async () => {
    const broken = makeExampleHost({
      paths: ['/usr/bin'],
      programs: { '/usr/bin/example': new Error('exit code 127\nmore') },
    });
    expect(await reason(makeProfile(), broken)).toBe('"/usr/bin/example --version" failed: exit code 127');
  });

  test('a program that prints no version', async () => {
    const silent = makeExampleHost({ paths: ['/usr/bin'], programs: { '/usr/bin/example': ' \n' } });
    expect(await reason(makeProfile(), silent)).toBe('"/usr/bin/example --version" printed no version');
  });

  test('a missing path of the view', async () => {
    expect(await reason(makeProfile({ view: [{ source: '/usr/include', access: 'read' }] }))).toBe(
      'this host has no /usr/include, which the profile must show',
    );
  });
});

describe('the digest', () => {
  test('is the same for the same profile on the same host', async () => {
    expect((await available(makeProfile())).digest).toBe((await available(makeProfile())).digest);
    expect((await available(makeProfile())).digest).toMatch(/^[0-9a-f]{64}$/);
  });

  test('changes with the profile, the view and the version of the toolchain', async () => {
    const newer = makeExampleHost({
      paths: ['/usr/bin'],
      links: { '/bin': 'usr/bin' },
      programs: { '/usr/bin/example': 'Example 1.3' },
    });
    const digests = [
      await available(makeProfile()),
      await available(makeProfile({ version: 2 })),
      await available(makeProfile({ view: [...makeProfile().view, { source: '/usr/lib', access: 'read' }] })),
      await available(makeProfile(), newer),
    ].map(({ digest }) => digest);
    expect(new Set(digests).size).toBe(4);
  });
});
