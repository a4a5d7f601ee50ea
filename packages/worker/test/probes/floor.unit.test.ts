import { expect, test } from 'vitest';
import {
  defaultFloor,
  defaultFloorText,
  findMissing,
  floorSchema,
  isDefaultFloor,
  renderFloor,
} from '../../src/probes/floor.ts';

const layers = (...names: readonly string[]) => names.map((name) => ({ name, detail: '' }));

test('is written as it is read', () => {
  expect(renderFloor(defaultFloor)).toBe(defaultFloorText);
  expect(floorSchema.parse('cgroup| apparmor ,identity')).toEqual([['cgroup', 'apparmor'], ['identity']]);
});

test.each<[text: string, isDefault: boolean]>([
  [defaultFloorText, true],
  ['classic|namespaces, apparmor|landlock,seccomp,rlimits,identity,identity', true],
  ['identity,rlimits,seccomp,landlock|apparmor,namespaces', false],
  [`${defaultFloorText},cgroup`, false],
  ['identity', false],
])('%s is the default one: %s', (text, isDefault) => {
  expect(isDefaultFloor(floorSchema.parse(text))).toBe(isDefault);
});

test.each<[has: string[], missing: string[] | null]>([
  [['identity', 'rlimits', 'seccomp', 'landlock', 'namespaces'], null],
  [['identity', 'rlimits', 'seccomp', 'apparmor', 'classic'], null],
  [
    ['identity', 'rlimits', 'seccomp', 'landlock', 'restricted'],
    ['namespaces', 'classic'],
  ],
  [[], ['identity']],
])('a jail with %j lacks %j of the default floor', (has, missing) => {
  expect(findMissing(defaultFloor, layers(...has))).toEqual(missing);
});

test.each(['', 'identity,', 'identity||rlimits', 'identity;rlimits', 'Identity'])('%j is no floor', (text) => {
  expect(floorSchema.safeParse(text).success).toBe(false);
});
