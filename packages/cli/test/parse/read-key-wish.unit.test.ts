import { describe, expect, it } from 'vitest';
import { type KeyOptions, readKeyWish } from '../../src/parse/read-key-wish.ts';

describe('what a new API key shall be', () => {
  it('may submit, read and cancel unless said', () => {
    expect(readKeyWish('ci', {})).toEqual({
      name: 'ci',
      scopes: ['jobs:submit', 'jobs:read', 'jobs:cancel'],
      ceilings: {},
      rate: null,
      expiresAt: null,
    });
  });

  it('is read from its options, in their units', () => {
    const options = {
      scope: ['metrics', 'jobs:all'],
      profile: ['python'],
      priority: ['batch'],
      wallTime: '2s',
      memory: '64M',
      disk: '1M',
      jobs: '5',
      rate: '2.5',
      expires: '2030-01-31T12:00:00Z',
    };
    expect(readKeyWish('ci', options)).toEqual({
      name: 'ci',
      scopes: ['metrics', 'jobs:all'],
      ceilings: {
        profiles: ['python'],
        priorities: ['batch'],
        wallTimeMs: 2000,
        memoryBytes: 67_108_864,
        diskBytes: 1_048_576,
        jobs: 5,
      },
      rate: { perSecond: 2.5, burst: 3 },
      expiresAt: '2030-01-31T12:00:00Z',
    });
    expect(readKeyWish('ci', { rate: '0.5', burst: '9' }).rate).toEqual({ perSecond: 0.5, burst: 9 });
  });

  it.each<[string, KeyOptions, string]>([
    ['Grader', {}, 'The name "Grader" must be a small letter'],
    ['a.b', {}, 'The name "a.b" must be'],
    ['a', { scope: ['root'] }, '--scope is "root": write one of jobs:submit'],
    ['a', { rate: '0' }, '--rate is "0"'],
    ['a', { rate: 'x' }, '--rate is "x"'],
    ['a', { burst: '2' }, '--burst needs a --rate'],
    ['a', { rate: '1', burst: '0' }, '--burst is "0"'],
    ['a', { expires: 'soon' }, '--expires is "soon": write a UTC time'],
    ['a', { priority: ['high'] }, '--priority is "high": write one of interactive, batch'],
    ['a', { jobs: '0' }, '--jobs is "0"'],
    [
      'a',
      { memory: '64' },
      '--memory is "64", which is 64 bytes: a job needs at least 4194304; write a unit, as in 64M.',
    ],
    ['a', { disk: '10' }, '--disk is "10", which is 10 bytes: a job needs at least 65536; write a unit, as in 64M.'],
  ])('is refused with a sentence: %s %j', (name, options, sentence) => {
    expect(() => readKeyWish(name, options)).toThrow(sentence);
  });
});
