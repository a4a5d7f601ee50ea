import { expect, test } from 'vitest';
import { openIntake } from '../../src/codejail/intake.ts';

test('what is on its way together stays below the bound, and leaving makes room', () => {
  const intake = openIntake(100);
  const leave = intake.enter(60);
  intake.enter(40);
  expect(() => intake.enter(1)).toThrow('Too many large calls');
  leave();
  leave();
  expect(() => intake.enter(60)).not.toThrow();
  expect(() => intake.enter(1)).toThrow('Too many large calls');
});

test('one that is larger than the bound may be alone', () => {
  const intake = openIntake(100);
  const leave = intake.enter(200);
  expect(() => intake.enter(1)).toThrow('Too many large calls');
  leave();
  intake.enter(200);
});
