import { expect, it } from 'vitest';
import { readTrouble } from '../../src/fleet/worker-process.ts';

it.each([
  ['{"level":30,"msg":"worker state changed"}', null],
  ['{"level":40,"msg":"redis connection error","err":{"message":"ENOENT"}}', 'redis connection error: ENOENT'],
  ['{"level":60,"msg":"worker ended"}', 'worker ended'],
  ['node: bad option', 'node: bad option'],
  ['', null],
])('%s', (line, trouble) => {
  expect(readTrouble(line)).toBe(trouble);
});
