import { expect, test } from 'vitest';
import { canonicalJson } from '../src/canonical-json.ts';

test('equal values have equal texts, whatever the order of their names', () => {
  expect(canonicalJson({ b: 1, a: { d: [2, 1], c: null } })).toBe('{"a":{"c":null,"d":[2,1]},"b":1}');
  expect(canonicalJson({ a: { c: null, d: [2, 1] }, b: 1 })).toBe(canonicalJson({ b: 1, a: { d: [2, 1], c: null } }));
});

test('the order of a list is part of its value', () => {
  expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
});
