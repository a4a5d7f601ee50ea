import { limitNames } from '@bullpen/profiles';
import { expect, it } from 'vitest';
import { parseLimit } from '../../src/parse/parse-limit.ts';

it.each([
  ['wallTimeMs=500', { wallTimeMs: 500 }],
  ['cpuTimeMs=2s', { cpuTimeMs: 2000 }],
  ['memoryBytes=64M', { memoryBytes: 67_108_864 }],
  ['memoryBytes=67108864', { memoryBytes: 67_108_864 }],
  ['addressSpaceBytes=unlimited', { addressSpaceBytes: null }],
  ['processes=8', { processes: 8 }],
  ['diskFiles=100', { diskFiles: 100 }],
])('reads %s', (text, limits) => {
  expect(parseLimit(text)).toEqual(limits);
});

it.each(limitNames)('knows %s', (name) => {
  expect(parseLimit(`${name}=70000`)).toEqual({ [name]: 70_000 });
});

it('lists the limits when the name is none of them', () => {
  expect(() => parseLimit('speed=8')).toThrow(/"speed", which is no limit: the limits are wallTimeMs, cpuTimeMs,/);
});

it.each(['processes', '=8', ''])('refuses %j, which is not NAME=VALUE', (text) => {
  expect(() => parseLimit(text)).toThrow('write NAME=VALUE');
});

it.each(['processes=many', 'processes=', 'processes=1.5', 'processes=unlimited', 'wallTimeMs=-1'])(
  'refuses the value of %s',
  (text) => {
    expect(() => parseLimit(text)).toThrow(/^--limit (processes|wallTimeMs) is ".*": write a/);
  },
);
