import { expect, it } from 'vitest';
import { parseDuration } from '../../src/parse/parse-duration.ts';

it.each([
  ['500ms', 500],
  ['2s', 2000],
  ['1.5s', 1500],
  ['1m', 60_000],
  ['2min', 120_000],
  ['1h', 3_600_000],
  ['3', 3000],
])('reads %s as %d milliseconds when a plain number is seconds', (text, milliseconds) => {
  expect(parseDuration(text, '--timeout', 's')).toBe(milliseconds);
});

it('reads a plain number in the unit that it is told', () => {
  expect(parseDuration('500', '--limit wallTimeMs', 'ms')).toBe(500);
});

it.each(['', '0', '0s', '0.1ms', '-1s', '2 days', 'soon', 's'])('refuses %j', (text) => {
  expect(() => parseDuration(text, '--timeout', 's')).toThrow(`--timeout is ${JSON.stringify(text)}: write a duration`);
});
