import { expect, test } from 'vitest';
import { followGate } from '../src/follow-gate.ts';
import { createGate, type GateReason } from '../src/health/gate.ts';

function follow(closedBy: GateReason | null, mayTake = () => true) {
  const gate = createGate();
  if (closedBy !== null) gate.set(closedBy, true);
  const log: string[] = [];
  const door = {
    start: () => void log.push('start'),
    resume: () => void log.push('resume'),
    async pause() {
      log.push('pause');
    },
  };
  followGate({ gate, door, mayTake, giveBack: () => void log.push('give back'), onError: () => log.push('error') });
  return { gate, log };
}

test('starts at once at an open gate, pauses and resumes with it', () => {
  const { gate, log } = follow(null);
  gate.set('probe-failed', true);
  gate.set('probe-failed', false);
  expect(log).toEqual(['start', 'pause', 'give back', 'resume']);
});

test('never starts at a gate that stays closed', () => {
  const { gate, log } = follow('disabled');
  gate.set('probe-failed', true);
  gate.set('probe-failed', false);
  expect(log).toEqual([]);
});

test('starts when the gate opens first', () => {
  const { gate, log } = follow('lease-in-doubt');
  gate.set('lease-in-doubt', false);
  expect(log).toEqual(['start']);
});

test('takes nothing any more once the worker may not', () => {
  const { gate, log } = follow('lease-in-doubt', () => false);
  gate.set('lease-in-doubt', false);
  expect(log).toEqual([]);
});

test('a Redis that refuses keeps jobs from being taken, and those that run go on until something is said against them', () => {
  const { gate, log } = follow(null);
  gate.set('redis-refuses', true);
  expect(log).toEqual(['start', 'pause']);
  gate.set('probe-failed', true);
  expect(log).toEqual(['start', 'pause', 'pause', 'give back']);
  gate.set('probe-failed', false);
  gate.set('redis-refuses', false);
  expect(log.at(-1)).toBe('resume');
});
