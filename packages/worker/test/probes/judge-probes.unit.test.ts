import { JailerError } from '@bullpen/jailer';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createGate } from '../../src/health/gate.ts';
import { type FailedRound, judgeProbes } from '../../src/probes/judge-probes.ts';
import { ProbeError } from '../../src/probes/probe.ts';

function make() {
  const moves: boolean[] = [];
  const heard: unknown[] = [];
  let time = 0;
  const gate = createGate();
  gate.listen((isOpen) => moves.push(isOpen));
  const listeners = {
    onDoubt: (rounds: readonly FailedRound[]) => heard.push(['doubt', ...rounds]),
    onSettled: () => heard.push('settled'),
    onRound: (outcome: string) => heard.push(outcome),
    onFailing: (probes: readonly string[]) => heard.push(['failing', ...probes]),
  };
  const judge = judgeProbes({ gate, logger: pino({ level: 'silent' }), listeners, now: () => (time += 10) });
  return { gate, moves, heard, judge };
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

test('results are in doubt since the last clean round of the slot, and those of other slots since the last one of any', () => {
  const { heard, judge } = make();
  judge.passed(first); // at 10
  judge.passed(second); // at 20
  judge.failed(first, broken(0));
  expect(heard.slice(2)).toEqual([
    'failed',
    ['doubt', { probe: 'sockets', slot: 0, since: 10 }, { probe: 'sockets', slot: null, since: 20 }],
    ['failing', 'sockets'],
  ]);
});

test('a second slot that fails adds its own results, and one that goes on failing none', () => {
  const { heard, judge } = make();
  judge.passed(first);
  judge.passed(second);
  judge.failed(first, broken(0));
  judge.failed(first, broken(0));
  judge.failed(second, broken(1));
  expect(heard.filter((each) => Array.isArray(each) && each[0] === 'doubt').slice(1)).toEqual([
    ['doubt', { probe: 'sockets', slot: 1, since: 20 }],
  ]);
});

test('the worker’s own probe puts all slots in doubt, since it last passed', () => {
  const { gate, heard, judge } = make();
  judge.passed(null);
  judge.passed(first);
  judge.failed(null, new ProbeError(null, 'egress', 'it leaks'));
  expect(heard).toContainEqual(['doubt', { probe: 'egress', slot: null, since: 10 }]);
  judge.passed(first);
  expect(gate.isOpen).toBe(false);
  judge.passed(null);
  expect(gate.isOpen).toBe(true);
});

test('doubts are settled when nothing fails any more, and rounds are told by outcome', () => {
  const { heard, judge } = make();
  judge.failed(first, broken(0));
  judge.failed(second, broken(1));
  judge.passed(first);
  expect(heard).not.toContain('settled');
  judge.failed(first, new JailerError({ step: 'keeper', errno: 0, detail: 'lost' }));
  judge.passed(second);
  expect(heard.slice(-4)).toEqual(['lost', 'passed', ['failing'], 'settled']);
});

test('a slot is proven since its last clean round', () => {
  const { judge } = make();
  expect(judge.provenAt(first)).toBe(0);
  judge.passed(first);
  judge.passed(first);
  judge.failed(first, broken(0));
  expect(judge.provenAt(first)).toBe(20);
});
