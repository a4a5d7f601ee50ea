import { describe, expect, test } from 'vitest';
import { renderAppArmorProfile } from '../../src/apparmor/render-apparmor-profile.ts';
import { builtinProfiles } from '../../src/builtin/index.ts';
import type { Profile, ProfileInput } from '../../src/profile.ts';
import { makeProfile } from '../example-profile.ts';

const nothing = { write: false, executeWritten: false, unixSockets: false, fork: false };

function rulesOf(changes: Partial<ProfileInput>): readonly string[] {
  return linesOf(makeProfile(changes));
}

function linesOf(profile: Profile): readonly string[] {
  const lines = renderAppArmorProfile(profile).text.split('\n');
  return lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
}

function builtin(name: string): Profile {
  const profile = builtinProfiles.find((candidate) => candidate.name === name);
  if (profile === undefined) throw new Error(`There is no profile ${name}.`);
  return profile;
}

describe('the view', () => {
  test('is read, or read, mapped and executed without leaving the profile', () => {
    const view = [
      { source: '/usr/share/zoneinfo', access: 'read' as const },
      { source: '/usr/bin', access: 'execute' as const },
    ];
    expect(rulesOf({ view })).toEqual(
      expect.arrayContaining(['/usr/share/zoneinfo{,/,/**} r,', '/usr/bin{,/,/**} mrix,']),
    );
  });

  test('is named by its place in the jail, optional paths and patterns included', () => {
    const view = [
      { source: '/srv/data', target: '/data', access: 'read' as const },
      { source: '/etc/java-*', access: 'read' as const, optional: true },
    ];
    const rules = rulesOf({ view });
    expect(rules).toEqual(expect.arrayContaining(['/data{,/,/**} r,', '/etc/java-*{,/,/**} r,']));
    expect(rules.join('\n')).not.toContain('/srv');
  });

  test('has the twins of directories that some hosts never merged into /usr', () => {
    expect(rulesOf({})).toContain('/bin{,/,/**} mrix,');
    expect(rulesOf({})).not.toContain('/lib{,/,/**} mrix,');
  });

  test('has the place of a toolchain that lies outside of it', () => {
    const programs = ['/usr/bin/x', '{home}/.x/bin/x'];
    expect(rulesOf({ toolchain: { title: 'X', programs, mountAt: '/opt/x' } })).toContain('/opt/x{,/,/**} mrix,');
    expect(
      rulesOf({ toolchain: { title: 'X', programs: ['/usr/bin/x', '/srv/x-*/bin/x'], mountLevels: 2 } }),
    ).toContain('/srv/x-*{,/,/**} mrix,');
  });

  test('writes marks of AppArmor’s language as themselves', () => {
    const view = [{ source: '/data/[a]{b}?,#é', access: 'read' as const }];
    expect(rulesOf({ view })).toContain('"/data/\\[a\\]\\{b\\}\\?,#é{,/,/**}" r,');
  });

  test.each(['/a"b', '/a\\b', '/@{HOME}', '/a\u0007'])('refuses %j, which AppArmor cannot be told', (source) => {
    const profile = makeProfile({ view: [{ source, access: 'read' }] });
    expect(() => renderAppArmorProfile(profile)).toThrow(/^AppArmor cannot name ".*": a view path must have no/);
  });
});

describe('the jail’s own directories', () => {
  test.each([
    [nothing, 'r'],
    [{ ...nothing, write: true }, 'rwkl'],
    [{ ...nothing, write: true, executeWritten: true }, 'mrwklix'],
    [{ ...nothing, executeWritten: true }, 'mrix'],
  ])('%j', (confinement, access) => {
    expect(rulesOf({ confinement })).toContain(`/{work,tmp,dev/shm}/{,**} ${access},`);
  });

  test('are open to the same where they lie on the host, to their owner', () => {
    expect(rulesOf({ confinement: { ...nothing, write: true } })).toContain(
      'owner /**/bullpen-box-*/{work,tmp}/{,**} rwkl,',
    );
  });

  test.each(['python', 'node', 'java', 'perl', 'ruby', 'pure-python'])('%s executes nothing that it wrote', (name) => {
    const boxes = linesOf(builtin(name)).filter((line) => /\{work,tmp/.test(line));
    expect(boxes.length).toBe(2);
    for (const box of boxes) expect(box).not.toMatch(/ [a-z]*[mx][a-z]*,$/);
  });

  test.each(['c', 'cpp', 'rust', 'go', 'bash'])('%s executes what it wrote', (name) => {
    expect(linesOf(builtin(name))).toEqual(
      expect.arrayContaining([
        '/{work,tmp,dev/shm}/{,**} mrwklix,',
        'owner /**/bullpen-box-*/{work,tmp}/{,**} mrwklix,',
      ]),
    );
  });
});

describe('sockets', () => {
  test('of the unix family alone, and only where the profile says so', () => {
    const sockets = (unixSockets: boolean) =>
      rulesOf({ confinement: { ...nothing, unixSockets } }).filter((line) => /network|unix/.test(line));
    expect(sockets(true)).toEqual(['network unix,', 'unix,']);
    expect(sockets(false)).toEqual([]);
  });
});

describe('what the jail makes itself', () => {
  test('has the work directory of the profile', () => {
    const [own] = rulesOf({ workDirectory: '/sandbox' }).filter((line) => line.startsWith('/{'));
    expect(own).toBe('/{sandbox,tmp,dev/shm}/{,**} rwkl,');
  });

  test('lacks what is masked, but for the label that the jailer reads', () => {
    const rules = rulesOf({ masked: ['/tmp/', '/proc/', '/root/'] });
    expect(rules.filter((line) => line.startsWith('/{'))).toEqual(['/{work,dev/shm}/{,**} rwkl,']);
    expect(rules.filter((line) => line.includes('/proc'))).toEqual([
      '/proc/[0-9]*/{,task/[0-9]*/}attr/apparmor/current r,',
    ]);
    expect(rules.some((line) => line.includes('/root'))).toBe(false);
  });
});

test('pure-python writes nothing and has no socket', () => {
  const rules = linesOf(builtin('pure-python'));
  const written = rules.filter((line) => /^(owner )?\S* [a-z]*[wkl][a-z]*,$/.test(line) && line.includes('/'));
  expect(written).toEqual(['/dev/{null,zero,full,random,urandom} rw,']);
  expect(rules.some((line) => line.includes('unix,'))).toBe(false);
});

describe.each(builtinProfiles)('profile $name', (profile) => {
  const rules = linesOf(profile);

  test('leaves its profile by no transition', () => {
    expect(rules.filter((line) => / [a-z]*[pcu]i?x,$|->/i.test(line))).toEqual([]);
  });

  test('never has ptrace, capabilities, mounts or another profile', () => {
    const refused = rules.filter((line) => line.startsWith('deny '));
    expect(refused).toEqual(
      ['capability', 'ptrace', 'mount', 'remount', 'umount', 'pivot_root'].map((what) => `deny ${what},`),
    );
    const granted = rules.filter((line) => !refused.includes(line)).join('\n');
    expect(granted).not.toMatch(/capability|ptrace|mount,|umount|pivot_root|change_profile|dbus|userns/);
  });

  test('takes signals from the jailer and from itself', () => {
    expect(rules.filter((line) => line.startsWith('signal'))).toEqual([
      'signal (receive) peer={unconfined,bullpen-worker},',
      'signal (send, receive) peer={,**//&}@{profile_name}{,//&**},',
    ]);
  });

  test('reads its label and writes nothing below /proc', () => {
    expect(rules).toContain('/proc/[0-9]*/{,task/[0-9]*/}attr/apparmor/current r,');
    const below = rules.filter((line) => /^(owner )?\/proc/.test(line));
    expect(below.every((line) => line.endsWith(' r,'))).toBe(true);
    expect(below.join('\n')).not.toMatch(/\bmem\b|pagemap|syscall|\*\*/);
  });
});

describe('the name', () => {
  const name = (changes: Partial<ProfileInput>): string => renderAppArmorProfile(makeProfile(changes)).name;

  test('carries a hash of the rules', () => {
    expect(name({})).toMatch(/^bullpen-example-[0-9a-f]{12}$/);
    expect(name({ confinement: nothing })).not.toBe(name({}));
    expect(renderAppArmorProfile(makeProfile({}), { workerLabel: 'docker-default' }).name).not.toBe(name({}));
  });

  test('stays the same when nothing that AppArmor enforces changes', () => {
    expect(name({ version: 7, summary: 'Other words', env: { PATH: '/usr/bin', A: 'b' } })).toBe(name({}));
  });

  test('stands in the text', () => {
    const { name: rendered, text } = renderAppArmorProfile(makeProfile());
    expect(text).toContain(`\nprofile ${rendered} {\n`);
    expect(text).toMatch(/^# Made from the profile example by /);
  });
});

test.each(['', 'a b', 'x,y', 'a}'])('refuses the worker’s label %j', (workerLabel) => {
  expect(() => renderAppArmorProfile(makeProfile(), { workerLabel })).toThrow(/AppArmor label must be 1 to 128/);
});
