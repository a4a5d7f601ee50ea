import { expect, test } from 'vitest';
import {
  cacheIndexKeys,
  cacheKey,
  cancelChannel,
  cancelKey,
  defaultFleetNames,
  flightKey,
  resultKey,
} from '../src/keys.ts';

const names = [
  resultKey(defaultFleetNames, 'j'),
  cancelKey(defaultFleetNames, 'j'),
  cancelChannel(defaultFleetNames),
  cacheKey(defaultFleetNames, 'j'),
  flightKey(defaultFleetNames, 'j'),
  ...cacheIndexKeys(defaultFleetNames),
];

test('every name is its own and lies in one slot of a Redis Cluster', () => {
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^\{bullpen\}:/);
});

test("no name lies among the queue's own keys", () => {
  for (const name of names) expect(name).not.toMatch(/^\{bullpen\}:bullpen:/);
});

test('fleets of another queue or prefix do not meet', () => {
  expect(resultKey({ prefix: '{a}', queue: 'q' }, 'j')).toBe('{a}:q/result:j');
  expect(resultKey({ prefix: '{a}', queue: 'r' }, 'j')).not.toBe(resultKey({ prefix: '{a}', queue: 'q' }, 'j'));
});
