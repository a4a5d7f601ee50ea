import { expect, it } from 'vitest';
import { showBytes, showMs } from '../../src/output/show-units.ts';

it.each([
  [1, '1 ms'],
  [999, '999 ms'],
  [1000, '1 s'],
  [1500, '1.5 s'],
])('%d milliseconds are %s', (value, text) => {
  expect(showMs(value)).toBe(text);
});

it.each([
  [512, '512 bytes'],
  [1024, '1 KiB'],
  [67_108_864, '64 MiB'],
  [1_610_612_736, '1.5 GiB'],
])('%d bytes are %s', (value, text) => {
  expect(showBytes(value)).toBe(text);
});
