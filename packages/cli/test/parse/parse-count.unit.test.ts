import { expect, it } from 'vitest';
import { parseCount } from '../../src/parse/parse-count.ts';

const bounds = { option: '--slots', least: 1, most: 256 };

it.each(['1', '256'])('takes %s, which is on a bound', (text) => {
  expect(parseCount(text, bounds)).toBe(Number(text));
});

it.each(['0', '257', '-1', '1.5', 'two', ''])('refuses %j with the bounds', (text) => {
  expect(() => parseCount(text, bounds)).toThrow(
    `--slots is ${JSON.stringify(text)}: write a whole number from 1 to 256.`,
  );
});
