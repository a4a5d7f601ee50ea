import { expect, it } from 'vitest';
import { type Speaker, takeTurns } from '../../src/testing/take-turns.ts';

function listen() {
  const heard: string[] = [];
  const turns = takeTurns(({ stream, text }) => heard.push(stream === 'stdout' ? text : `${stream} ${text}`));
  return { heard, ...turns };
}

const tell = (speaker: Speaker, text: string): void => speaker.say({ stream: 'stdout', text });

it('prints what the first one says at once, and what another one says behind it', () => {
  const { heard, begin } = listen();
  const [a, b] = [begin('a'), begin('b')];
  tell(b, 'b1');
  tell(a, 'a1');
  expect(heard).toEqual(['a', 'a1']);
  a.end();
  expect(heard).toEqual(['a', 'a1', 'b', 'b1']);
  b.say({ stream: 'stderr', text: 'b2' });
  expect(heard.at(-1)).toBe('stderr b2');
});

it('lets those go first who have ended meanwhile', () => {
  const { heard, begin } = listen();
  const [a, b, c] = [begin('a'), begin('b'), begin('c')];
  for (const speaker of [b, c]) tell(speaker, 'said');
  c.end();
  expect(heard).toEqual(['a']);
  a.end();
  expect(heard).toEqual(['a', 'c', 'said', 'b', 'said']);
  const d = begin('d');
  tell(d, 'late');
  b.end();
  expect(heard.slice(5)).toEqual(['d', 'late']);
});

it('hears whoever begins when nobody speaks', () => {
  const { heard, begin } = listen();
  begin('a').end();
  tell(begin('b'), 'b1');
  expect(heard).toEqual(['a', 'b', 'b1']);
});
