import { expect, test } from 'vitest';
import { BullpenError } from '../src/errors.ts';
import { missingLayers } from '../src/layer.ts';
import { jobDigest } from '../src/job-digest.ts';
import { parseJob } from '../src/parse-job.ts';
import { makeJobInput } from './example-job.ts';

const parse = (requires: unknown) => parseJob({ ...makeJobInput(), requires } as Parameters<typeof parseJob>[0]);

test('a job may require layers by name, and nothing else', () => {
  expect(parse(['apparmor', 'cgroup']).requires).toEqual(['apparmor', 'cgroup']);
  expect(parseJob(makeJobInput()).requires).toBeUndefined();
});

test.each([
  [['moat'], /^requires\[0\] must be "identity" or "rlimits" or .*, got "moat"$/],
  [Array(9).fill('cgroup'), 'requires must have at most 8 items, got 9'],
  ['cgroup', 'requires must be an array, got "cgroup"'],
])('refuses %j with one sentence', (requires, sentence) => {
  expect(() => parse(requires)).toThrow(sentence);
  expect(() => parse(requires)).toThrow(BullpenError);
});

test('what a job requires is part of its digest', () => {
  expect(jobDigest(parse(['apparmor']))).not.toBe(jobDigest(parseJob(makeJobInput())));
  expect(jobDigest(parse(['apparmor']))).not.toBe(jobDigest(parse(['cgroup'])));
});

test('the missing layers are those that were not measured', () => {
  const layers = [{ name: 'identity' }, { name: 'cgroup' }];
  expect(missingLayers(['cgroup', 'apparmor', 'landlock'], layers)).toEqual(['apparmor', 'landlock']);
  expect(missingLayers(['cgroup'], layers)).toEqual([]);
});
