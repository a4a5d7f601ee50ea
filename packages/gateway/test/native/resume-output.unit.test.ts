import type { OutputItem } from '@bullpen/client';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutputPosition } from '../../src/native/output-position.ts';
import { OtherRun, resumeOutput, type ToldItem } from '../../src/native/resume-output.ts';

const item = (command: number, stream: 'stdout' | 'stderr', text: string): OutputItem => ({
  kind: 'output',
  command,
  stream,
  bytes: Buffer.from(text),
});
const restarted: OutputItem = { kind: 'restarted', attempt: 2 };

async function* iterate<Value>(values: readonly Value[]): AsyncGenerator<Value> {
  yield* values;
}

async function hear(items: readonly OutputItem[], from = ''): Promise<ToldItem[]> {
  const position = from === '' ? new OutputPosition() : OutputPosition.parse(from);
  if (position === null) throw new Error(`${from} is no position.`);
  const told = [];
  for await (const each of resumeOutput(iterate(items), position)) told.push(each);
  return told;
}

const textsOf = (items: readonly (OutputItem | ToldItem)[]): Record<string, string> => {
  const texts: Record<string, string> = {};
  for (const each of items)
    if (each.kind === 'output') {
      const name = `${each.command} ${each.stream}`;
      texts[name] = (texts[name] ?? '') + Buffer.from(each.bytes).toString('latin1');
    }
  return texts;
};

const run = [
  item(0, 'stdout', 'one'),
  item(0, 'stderr', 'oops'),
  item(0, 'stdout', ' two'),
  item(2, 'stdout', 'three'),
];

const piece = fc.record({
  command: fc.integer({ min: 0, max: 3 }),
  stream: fc.constantFrom('stdout' as const, 'stderr' as const),
  text: fc.string({ minLength: 1, maxLength: 9 }),
});

describe('output that goes on', () => {
  it('is all of it for who has heard nothing', async () => {
    const told = await hear(run);
    expect(textsOf(told)).toEqual({ '0 stdout': 'one two', '0 stderr': 'oops', '2 stdout': 'three' });
  });

  it('is the rest for who has heard a part, wherever the pieces are cut', async () => {
    const pieces = fc.array(piece, { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(pieces, fc.nat(), fc.integer({ min: 1, max: 4 }), async (parts, cut, size) => {
        const items = parts.map(({ command, stream, text }) => item(command, stream, text));
        const first = (await hear(items)).slice(0, (cut % items.length) + 1);
        const again = items.flatMap((each) => split(each, size));
        const rest = await hear(again, first.at(-1)?.position);
        expect(join(textsOf(first), textsOf(rest))).toEqual(textsOf(items));
      }),
      { numRuns: 60 },
    );
  });

  it('is told once to a client that comes back again and again, wherever it is cut off', async () => {
    const pieces = fc.array(piece, { minLength: 1, maxLength: 12 });
    const cuts = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(pieces, cuts, async (parts, heardAtATime) => {
        const items = parts.map(({ command, stream, text }) => item(command, stream, text));
        // Live at first; later, as the result tells it: one stream after the other.
        const whole = Object.entries(textsOf(items)).map(([name, text]) => {
          const [command, stream] = name.split(' ');
          return item(Number(command), stream as 'stdout' | 'stderr', text);
        });
        let heard: ToldItem[] = [];
        for (const [turn, count] of [...heardAtATime, 1000].entries()) {
          const now = await hear(turn < 2 ? items : whole.flatMap((each) => split(each, 3)), heard.at(-1)?.position);
          heard = [...heard, ...now.slice(0, count)];
        }
        expect(textsOf(heard)).toEqual(textsOf(items));
      }),
      { numRuns: 100 },
    );
  });

  it('is refused when what was heard is of another run', async () => {
    const position = (await hear(run)).at(1)?.position;
    const other = [item(0, 'stdout', 'eno'), ...run.slice(1)];
    await expect(hear(other, position)).rejects.toThrow(OtherRun);
    await expect(hear(run, position)).resolves.toHaveLength(2);
  });

  it('is refused when there is less of it than was heard', async () => {
    const position = (await hear(run)).at(-1)?.position;
    await expect(hear(run.slice(0, 3), position)).rejects.toThrow(OtherRun);
    await expect(hear(run, position)).resolves.toEqual([]);
  });

  it('begins anew when the job does', async () => {
    const position = (await hear(run)).at(0)?.position;
    const told = await hear([...run, restarted, item(0, 'stdout', 'new')], position);
    expect(told.at(-2)).toMatchObject({ kind: 'restarted', position: '' });
    expect(textsOf(told.slice(-1))).toEqual({ '0 stdout': 'new' });
  });

  it.each([
    'x',
    '1',
    '1.',
    '1.g_0.0',
    '-1.0',
    '1.0,0.0',
    '9'.repeat(20),
    Array.from({ length: 130 }, () => '0.0').join('_'),
  ])('has no such position: %s', (text) => {
    expect(OutputPosition.parse(text)).toBeNull();
  });
});

function split(whole: OutputItem, size: number): OutputItem[] {
  if (whole.kind !== 'output') return [whole];
  const parts = [];
  for (let at = 0; at < whole.bytes.length; at += size)
    parts.push({ ...whole, bytes: whole.bytes.subarray(at, at + size) });
  return parts;
}

function join(first: Record<string, string>, rest: Record<string, string>): Record<string, string> {
  const joined = { ...first };
  for (const [name, text] of Object.entries(rest)) joined[name] = (joined[name] ?? '') + text;
  return joined;
}
