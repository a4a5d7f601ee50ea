import { expect, test } from 'vitest';
import { profileNames } from '../src/builtin/index.ts';
import { createCatalog } from '../src/catalog.ts';
import { makeProfile } from './example-profile.ts';

test('knows the built-in profiles and no others', () => {
  const catalog = createCatalog();
  expect(catalog.profiles.map(({ name }) => name)).toEqual(profileNames);
  expect(catalog.get('python')?.summary).toContain('Python');
  expect(catalog.get('cobol')).toBeUndefined();
  expect(catalog.get('constructor')).toBeUndefined();
});

test("an operator's profile is added, or takes the place of the built-in one of its name", () => {
  const own = makeProfile();
  const stricter = makeProfile({ name: 'python', summary: 'Ours' });
  const catalog = createCatalog([own, stricter]);
  expect(catalog.profiles.map(({ name }) => name)).toEqual([...profileNames, 'example']);
  expect(catalog.get('example')).toBe(own);
  expect(catalog.get('python')).toBe(stricter);
});

test("an operator's profile claims an extension before a built-in one", () => {
  const own = makeProfile({ extensions: ['.py'] });
  expect(createCatalog([own]).forFile('a.py')?.name).toBe('example');
  expect(createCatalog().forFile('a.py')?.name).toBe('python');
  expect(createCatalog().forFile('a.txt')).toBeNull();
});
