import { describe, expect, test } from 'vitest';
import { placeInView, resolveLinks, resolveMergedDirectories, resolveView } from '../src/resolve-view.ts';
import { makeExampleHost } from './example-host.ts';
import { makeProfile } from './example-profile.ts';

const read = { access: 'read', optional: false } as const;
const execute = { access: 'execute', optional: false } as const;

describe('resolveView', () => {
  test('follows links of the source and keeps the target', async () => {
    const host = makeExampleHost({ paths: ['/usr/bin/python3.11'], links: { '/usr/bin/python3': 'python3.11' } });
    expect(await resolveView([{ ...execute, source: '/usr/bin/python3' }], host)).toEqual([
      { access: 'execute', source: '/usr/bin/python3.11', target: '/usr/bin/python3' },
    ]);
  });

  test('shows a path at its target', async () => {
    const host = makeExampleHost({ paths: ['/srv/data'] });
    expect(await resolveView([{ ...read, source: '/srv/data', target: '/data' }], host)).toEqual([
      { access: 'read', source: '/srv/data', target: '/data' },
    ]);
  });

  test('leaves an optional path out that the host lacks', async () => {
    const host = makeExampleHost({});
    expect(await resolveView([{ ...read, optional: true, source: '/usr/share/x' }], host)).toEqual([]);
  });

  test('refuses a missing path that is not optional, by name', async () => {
    const host = makeExampleHost({});
    await expect(resolveView([{ ...read, source: '/usr/share/x' }], host)).rejects.toThrow(
      'this host has no /usr/share/x, which the profile must show',
    );
  });

  test('shows every match of a pattern, each at its own place', async () => {
    const host = makeExampleHost({ paths: ['/etc/java-17', '/etc/java-21'] });
    const view = await resolveView([{ ...read, source: '/etc/java-*' }], host);
    expect(view.map(({ target }) => target)).toEqual(['/etc/java-21', '/etc/java-17']);
  });

  test('refuses a required pattern without a match', async () => {
    await expect(resolveView([{ ...read, source: '/etc/java-*' }], makeExampleHost({}))).rejects.toThrow('/etc/java-*');
  });

  test('shows one target once, the first way it was asked for', async () => {
    const host = makeExampleHost({ paths: ['/usr/lib'] });
    const view = await resolveView(
      [
        { ...execute, source: '/usr/lib' },
        { ...read, source: '/usr/lib' },
      ],
      host,
    );
    expect(view).toEqual([{ access: 'execute', source: '/usr/lib', target: '/usr/lib' }]);
  });
});

describe('resolveView for jails with the host’s paths', () => {
  test('has a path where it really is', async () => {
    const host = makeExampleHost({ paths: ['/usr/bin/python3.11'], links: { '/usr/bin/python3': 'python3.11' } });
    expect(await resolveView([{ ...execute, source: '/usr/bin/python3' }], host, 'host')).toEqual([
      { access: 'execute', source: '/usr/bin/python3.11', target: '/usr/bin/python3.11' },
    ]);
  });

  test('takes a target that leads to the same place on the host', async () => {
    const host = makeExampleHost({ paths: ['/srv/data'], links: { '/data': 'srv/data' } });
    expect(await resolveView([{ ...read, source: '/srv/data', target: '/data' }], host, 'host')).toEqual([
      { access: 'read', source: '/srv/data', target: '/srv/data' },
    ]);
  });

  test.each([['/data'], ['/usr/bin']])('refuses the target %s, which only a mount could make', async (target) => {
    const host = makeExampleHost({ paths: ['/srv/data', '/usr/bin'] });
    await expect(resolveView([{ ...read, source: '/srv/data', target }], host, 'host')).rejects.toThrow(
      `/srv/data cannot be shown at ${target}: the jails of this worker have the host's paths, and mount nothing`,
    );
  });
});

describe('resolveView for jails with the host’s paths, of optional paths', () => {
  test('leaves one out that only a mount could show', async () => {
    const host = makeExampleHost({ paths: ['/srv/data', '/usr/bin'] });
    const view = [
      { ...read, optional: true, source: '/srv/data', target: '/data' },
      { ...execute, source: '/usr/bin' },
    ];
    expect((await resolveView(view, host, 'host')).map(({ target }) => target)).toEqual(['/usr/bin']);
    expect((await resolveView(view, host)).map(({ target }) => target)).toEqual(['/data', '/usr/bin']);
  });
});

describe('resolveLinks', () => {
  const view = [{ access: 'execute', source: '/usr/bin', target: '/usr/bin' }] as const;
  const host = makeExampleHost({
    paths: ['/usr/bin/python3.11', '/usr/bin/cc', '/srv/tool'],
    links: { '/usr/bin/python3': 'python3.11' },
  });

  test('makes a link to what the host has and the view shows, and says where it ends', async () => {
    expect(await resolveLinks([{ path: '/venv/bin/python', to: '/usr/bin/python3' }], view, host)).toEqual([
      { text: '/usr/bin/python3', path: '/venv/bin/python', place: '/usr/bin/python3.11' },
    ]);
  });

  test.each([
    ['that the host lacks', { path: '/venv/bin/pip', to: '/usr/bin/pip3' }],
    ['that the view does not show', { path: '/venv/bin/tool', to: '/srv/tool' }],
    ['where the view shows something itself', { path: '/usr/bin/cxx', to: '/usr/bin/cc' }],
  ])('makes none to or at a place %s', async (_, link) => {
    expect(await resolveLinks([link], view, host)).toEqual([]);
  });

  test('takes the first of one place that there is', async () => {
    const links = ['/usr/bin/clang', '/usr/bin/cc', '/usr/bin/python3'].map((to) => ({ path: '/opt/cc', to }));
    expect((await resolveLinks(links, view, host)).map(({ text }) => text)).toEqual(['/usr/bin/cc']);
  });

  test.each([
    ['the view', [{ path: '/usr', to: '/usr/bin/cc' }], '/usr/bin'],
    [
      'a link',
      [
        { path: '/a/b', to: '/usr/bin/cc' },
        { path: '/a', to: '/usr/bin/cc' },
      ],
      '/a/b',
    ],
  ])('refuses one above %s', async (_, links, shown) => {
    await expect(resolveLinks(links, view, host)).rejects.toThrow(`since the jail shows ${shown} below it`);
  });
});

describe('resolveMergedDirectories', () => {
  const view = [{ access: 'execute', source: '/usr/bin', target: '/usr/bin' }] as const;

  test('makes a link where the host has one', async () => {
    const host = makeExampleHost({ paths: ['/usr/bin'], links: { '/bin': 'usr/bin' } });
    expect(await resolveMergedDirectories(view, host)).toEqual({
      links: [{ text: 'usr/bin', path: '/bin' }],
      directories: [],
    });
  });

  test('makes no link to what the view does not show', async () => {
    const host = makeExampleHost({ paths: ['/usr/sbin'], links: { '/sbin': 'usr/sbin' } });
    expect(await resolveMergedDirectories(view, host)).toEqual({ links: [], directories: [] });
  });

  test('shows the directory itself on a host that never merged it, as the profile shows its twin in /usr', async () => {
    const host = makeExampleHost({ paths: ['/usr/bin', '/bin', '/sbin'] });
    expect(await resolveMergedDirectories(view, host)).toEqual({
      links: [],
      directories: [{ access: 'execute', source: '/bin', target: '/bin' }],
    });
  });

  test('links a directory of which the view shows single files', async () => {
    const host = makeExampleHost({ paths: ['/usr/lib/a.so'], links: { '/lib': 'usr/lib' } });
    const files = await resolveView(makeProfile({ view: [{ source: '/usr/lib/a.so', access: 'execute' }] }).view, host);
    expect((await resolveMergedDirectories(files, host)).links).toEqual([{ text: 'usr/lib', path: '/lib' }]);
  });

  test('leaves alone what the view itself fills', async () => {
    const host = makeExampleHost({ paths: ['/usr/bin', '/srv/bin'], links: { '/bin': 'usr/bin' } });
    const own = [...view, { access: 'execute', source: '/srv/bin', target: '/bin' } as const];
    expect(await resolveMergedDirectories(own, host)).toEqual({ links: [], directories: [] });
  });
});

describe('placeInView', () => {
  const view = [{ access: 'execute', source: '/opt/tool', target: '/usr/tool' }] as const;

  test.each([
    ['/opt/tool/bin/x', '/usr/tool/bin/x'],
    ['/opt/tool', '/usr/tool'],
    ['/opt/toolbox/x', null],
    ['/opt', null],
  ])('%s is shown at %s', (real, place) => {
    expect(placeInView(real, view)).toBe(place);
  });
});
