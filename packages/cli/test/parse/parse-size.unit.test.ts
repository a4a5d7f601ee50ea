import { expect, it } from 'vitest';
import { parseSize } from '../../src/parse/parse-size.ts';
import { UsageError } from '../../src/usage-error.ts';

it.each([
  ['0', 0],
  ['65536', 65_536],
  ['1K', 1024],
  ['64M', 67_108_864],
  ['64m', 67_108_864],
  ['64MB', 67_108_864],
  ['64MiB', 67_108_864],
  ['1G', 1_073_741_824],
  ['1.5G', 1_610_612_736],
  ['2T', 2_199_023_255_552],
])('reads %s as %d bytes', (text, bytes) => {
  expect(parseSize(text, '--memory')).toBe(bytes);
});

it.each(['', 'M', '-1', '64X', '1,5G', 'lots', '9999999999T', '1e3'])(
  'refuses %j in a sentence that names the option',
  (text) => {
    expect(() => parseSize(text, '--memory')).toThrow(UsageError);
    expect(() => parseSize(text, '--memory')).toThrow(`--memory is ${JSON.stringify(text)}: write a size`);
  },
);
