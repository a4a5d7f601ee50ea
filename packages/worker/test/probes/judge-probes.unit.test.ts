import { JailerError } from '@bullpen/jailer';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createGate } from '../../src/health/gate.ts';
import { judgeProbes } from '../../src/probes/judge-probes.ts';
import { ProbeError } from '../../src/probes/probe.ts';

function make() {
  const moves: boolean[] = [];
  const gate = createGate();
  gate.listen((isOpen) => moves.push(isOpen));
  return { gate, moves, judge: judgeProbes(gate, pino({ level: 'silent' })) };
}

const [first, second] = [{ index: 0 }, { index: 1 }];
const broken = (slot: number): ProbeError => new ProbeError(slot, 'sockets', 'one was made');

test('a failed probe closes the gate until every slot that failed has passed', () => {
  const { gate, moves, judge } = make();
  judge.failed(first, broken(0));
  judge.failed(second, broken(1));
  judge.passed(first);
  expect(gate.isOpen).toBe(false);
  judge.passed(second);
  expect(moves).toEqual([false, true]);
});

test('another slot that passes does not open it', () => {
  const { gate, judge } = make();
  judge.failed(first, broken(0));
  judge.passed(second);
  expect(gate.isOpen).toBe(false);
});

test('a slot that was lost says nothing about confinement', () => {
  const { gate, judge } = make();
  judge.failed(first, new JailerError({ step: 'keeper', errno: 0, detail: 'lost' }));
  expect(gate.isOpen).toBe(true);
});

test('the gate stays closed while any reason holds', () => {
  const { gate, moves } = make();
  gate.set('probe-failed', true);
  gate.set('lease-in-doubt', true);
  gate.set('probe-failed', false);
  expect(gate.isOpen).toBe(false);
  gate.set('lease-in-doubt', false);
  gate.set('lease-in-doubt', false);
  expect(moves).toEqual([false, true]);
});
