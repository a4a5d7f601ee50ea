import { describe, expect, test } from 'vitest';
import { builtinProfiles, profileNames } from '../../src/builtin/index.ts';
import { profileProblem } from '../../src/parse-profiles.ts';
import { renderRecipe } from '../../src/render-recipe.ts';

const secretPlaces = [
  '/etc/passwd',
  '/etc/shadow',
  '/root',
  '/home',
  '/var',
  '/sys',
  '/proc',
  '/run',
  '/dev',
  '/tmp',
  '/work',
];

test('the built-in profiles are listed by name, each once', () => {
  expect(profileNames).toEqual([
    'python',
    'node',
    'bash',
    'c',
    'cpp',
    'rust',
    'java',
    'perl',
    'ruby',
    'go',
    'pure-python',
    'codejail',
    'codebox',
  ]);
  expect(builtinProfiles.map(({ name }) => name)).toEqual(profileNames);
});

describe.each(builtinProfiles)('profile $name', (profile) => {
  test('has no default and no recipe above its ceilings', () => {
    expect(profileProblem(profile)).toBeNull();
  });

  test.each(secretPlaces)('shows nothing of %s', (place) => {
    for (const { source } of profile.view) {
      expect(`${place}/`.startsWith(`${source}/`), `${source} would show ${place}`).toBe(false);
      expect(source.startsWith(`${place}/`), `${source} lies in ${place}`).toBe(false);
    }
  });

  test('shows no path inside another path of its view', () => {
    const targets = profile.view.map(({ source, target }) => target ?? source);
    for (const target of targets) {
      const inside = targets.filter((other) => other !== target && other.startsWith(`${target}/`));
      expect(inside).toEqual([]);
    }
  });

  test('finds its programs by PATH and gives stdin to exactly one command', () => {
    expect(profile.env['PATH']).toMatch(/\/usr\/bin/);
    expect(profile.recipe.filter(({ takesStdin }) => takesStdin)).toHaveLength(1);
    expect(profile.recipe.at(-1)?.takesStdin).toBe(true);
  });

  test('renders its recipe with a word for each name in braces', () => {
    const commands = renderRecipe(profile, { entry: 'main.ext', args: ['one'] });
    expect(JSON.stringify(commands)).not.toMatch(/\{\w+\}/);
    expect(commands.at(-1)?.argv.at(-1)).toBe('one');
  });
});

test('no extension belongs to two profiles', () => {
  const extensions = builtinProfiles.flatMap((profile) => profile.extensions);
  expect(new Set(extensions).size).toBe(extensions.length);
});

test('pure-python may do nothing but read and compute', () => {
  const profile = builtinProfiles.find(({ name }) => name === 'pure-python');
  const nothing = { write: false, executeWritten: false, unixSockets: false, fork: false, exec: false };
  expect(profile?.confinement).toEqual(nothing);
  expect(profile?.ceilings.processes).toBe(1);
  expect(profile?.view.map(({ source }) => source)).not.toContain('/usr/bin');
});
