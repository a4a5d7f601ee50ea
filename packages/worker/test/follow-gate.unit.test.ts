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
