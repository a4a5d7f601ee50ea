import { expect, test } from 'vitest';
import { createStateHolder } from '../src/worker-state.ts';

test('a worker goes from starting over ready and draining to stopped, and each move is told', () => {
  const moves: string[] = [];
  const holder = createStateHolder((from, to) => moves.push(`${from} ${to}`));
  for (const next of ['ready', 'draining', 'stopped'] as const) holder.move(next);
  expect(moves).toEqual(['starting ready', 'ready draining', 'draining stopped']);
});

test('an illegal move throws and changes nothing', () => {
  const holder = createStateHolder(() => {});
  expect(() => holder.move('draining')).toThrow('A worker cannot go from starting to draining.');
  expect(holder.state).toBe('starting');
  holder.move('failed');
  expect(() => holder.move('ready')).toThrow('from failed to ready');
});
