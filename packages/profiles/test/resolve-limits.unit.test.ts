import { describe, expect, test } from 'vitest';
import { isAboveCeiling, LimitAboveCeiling, resolveLimits } from '../src/resolve-limits.ts';
import { makeProfile } from './example-profile.ts';

const profile = makeProfile();
const bounded = makeProfile({
  defaults: { ...profile.defaults, addressSpaceBytes: 67_108_864 },
  ceilings: { ...profile.ceilings, addressSpaceBytes: 134_217_728 },
});

test('takes the command before the job and the job before the default', () => {
  const limits = resolveLimits(profile, { wallTimeMs: 2000, openFiles: 100 }, { wallTimeMs: 3000 });
  expect(limits).toEqual({ ...profile.defaults, wallTimeMs: 3000, openFiles: 100 });
});

test('without a wish all limits are the defaults', () => {
  expect(resolveLimits(profile)).toEqual(profile.defaults);
  expect(resolveLimits(profile, { wallTimeMs: undefined })).toEqual(profile.defaults);
});

test('a limit may be asked up to and including its ceiling', () => {
  expect(resolveLimits(profile, { openFiles: 256 }).openFiles).toBe(256);
});

const asking = () => resolveLimits(profile, { openFiles: 4096 });

describe('above a ceiling', () => {
  test('says the limit, the ceiling, the profile and what was asked', () => {
    expect(asking).toThrow(LimitAboveCeiling);
    expect(asking).toThrow('limits.openFiles must be at most 256 for profile example, got 4096');
    expect(asking).toThrow(expect.objectContaining({ limit: 'openFiles', asked: 4096, ceiling: 256 }));
  });

  test('a command cannot ask for what its job may not', () => {
    expect(() => resolveLimits(profile, {}, { wallTimeMs: 60_001 })).toThrow(LimitAboveCeiling);
  });

  test('an unlimited address space is above every ceiling but the unlimited one', () => {
    expect(() => resolveLimits(bounded, { addressSpaceBytes: null })).toThrow(
      'limits.addressSpaceBytes must be at most 134217728 for profile example, got unlimited',
    );
    expect(resolveLimits(profile, { addressSpaceBytes: null }).addressSpaceBytes).toBeNull();
    expect(resolveLimits(profile, { addressSpaceBytes: 134_217_728 }).addressSpaceBytes).toBe(134_217_728);
  });
});

test.each([
  [1, 2, false],
  [2, 2, false],
  [3, 2, true],
  [3, null, false],
  [null, null, false],
  [null, 2, true],
])('asking %s under the ceiling %s is above it: %s', (asked, ceiling, expected) => {
  expect(isAboveCeiling(asked, ceiling)).toBe(expected);
});
