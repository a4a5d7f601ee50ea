import { expect, it } from 'vitest';
import { chooseUid } from '../../src/fleet/choose-worker-identity.ts';

const whole = '         0          0 4294967295\n';

it('lies above what distributions and containers hand out', () => {
  const uid = chooseUid(whole, '');
  expect(uid).toBeGreaterThanOrEqual(1_879_048_192);
  expect(uid).toBeLessThan(2 ** 31);
});

it('lies within a small user namespace, above its accounts', () => {
  const uid = chooseUid('0 100000 65536', '');
  expect(uid).toBeGreaterThanOrEqual(3000);
  expect(uid).toBeLessThan(65_536);
});

it('is not the UID of an account', () => {
  expect(chooseUid('0 100000 3002', 'someone:x:3000:3000::/:/bin/sh')).toBe(3001);
});

it('is refused in a user namespace without room', () => {
  expect(() => chooseUid('0 1000 1', '')).toThrow('UIDs below 1 only');
});
