import { describe, expect, test } from 'vitest';
import { masksDirectory, resolveMasks, type Shown } from '../src/resolve-masks.ts';
import { makeProfile } from './example-profile.ts';

const shown = (masked: readonly string[], changes: Partial<Shown> = {}): Shown => ({
  profile: makeProfile({ masked: [...masked] }),
  view: [
    { access: 'execute', source: '/usr/bin', target: '/usr/bin' },
    { access: 'read', source: '/etc/alternatives', target: '/etc/alternatives' },
  ],
  links: [{ text: 'usr/bin', path: '/bin' }],
  ...changes,
});

describe('a masked path', () => {
  test('is a file, or a directory when it ends in a slash', () => {
    expect(resolveMasks(shown(['/etc/passwd', '/root/', '/srv/data/']))).toEqual([
      { kind: 'file', path: '/etc/passwd' },
      { kind: 'directory', path: '/root' },
      { kind: 'directory', path: '/srv/data' },
    ]);
  });

  test('keeps within reach what the jail shows below it', () => {
    expect(resolveMasks(shown(['/', '/etc/', '/usr/']))).toEqual([
      { kind: 'listing', path: '/' },
      { kind: 'listing', path: '/etc' },
      { kind: 'listing', path: '/usr' },
    ]);
    const below = shown(['/home/', '/opt/'], { links: [{ text: '/usr/bin/x', path: '/opt/x' }] });
    const inHome = { ...below, profile: makeProfile({ masked: ['/home/', '/opt/'], workDirectory: '/home/jail' }) };
    expect(resolveMasks(inHome).map(({ kind }) => kind)).toEqual(['listing', 'listing']);
    expect(resolveMasks(below).map(({ kind }) => kind)).toEqual(['directory', 'listing']);
  });

  test('may be one of the directories that a jail makes for its programs, by either spelling', () => {
    const masks = resolveMasks(shown(['/tmp', '/proc/', '/dev/shm']));
    expect(masks.map(({ kind, path }) => [kind, path])).toEqual([
      ['directory', '/tmp'],
      ['directory', '/proc'],
      ['directory', '/dev/shm'],
    ]);
    expect(masksDirectory({ masked: ['/tmp', '/proc/'] }, '/tmp')).toBe(true);
    expect(masksDirectory({ masked: ['/tmp', '/proc/'] }, '/proc')).toBe(true);
    expect(masksDirectory({ masked: ['/tmp', '/proc/'] }, '/dev/shm')).toBe(false);
  });

  test.each([
    ['/usr/bin/', '/usr/bin cannot be masked, since the jail shows /usr/bin'],
    ['/usr/bin/env', '/usr/bin/env cannot be masked, since the jail shows /usr/bin'],
    ['/bin', '/bin cannot be masked, since the jail shows /bin'],
    ['/work/', '/work cannot be masked, since the jail shows /work'],
    ['/work/x', '/work/x cannot be masked, since the jail shows /work'],
    ['/dev/', '/dev cannot be masked, since the jail shows /dev'],
    ['/dev/null', '/dev/null cannot be masked, since the jail shows /dev'],
    ['/etc', '/etc cannot be masked as a file, since the jail shows more below it: write /etc/'],
  ])('cannot be %s', (path, sentence) => {
    expect(() => resolveMasks(shown([path]))).toThrow(sentence);
  });
});
