import { array, assert, boolean, nat, property, record, uint8Array } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OutputProgress } from '../../src/output/output-progress.ts';
import { piece, resultOf, show } from './literal-output.ts';

/** What is new in these messages, one after another; `gap` where one could not be used. */
function takeAll(progress: OutputProgress, messages: readonly Parameters<OutputProgress['take']>[0][]): string[] {
  return messages.flatMap((message) => {
    const { items, isBehind } = progress.take(message);
    return [...show(items), ...(isBehind ? ['gap'] : [])];
  });
}

describe('a follower takes of a message', () => {
  test('what he lacks, however often and overlapping it comes', () => {
    const messages = [
      piece('ab'),
      piece('ab'),
      piece('cd', { offset: 2 }),
      piece('abcde'),
      piece('bc', { offset: 1 }),
      piece('!', { stream: 'stderr' }),
      piece('x', { command: 1 }),
    ];
    expect(takeAll(new OutputProgress(), messages)).toEqual([
      '0 stdout ab',
      '0 stdout cd',
      '0 stdout e',
      '0 stderr !',
      '1 stdout x',
    ]);
  });

  test('nothing when something before it is missing, until that has come', () => {
    const messages = [piece('ab'), piece('e', { offset: 4 }), piece('abcd'), piece('e', { offset: 4 })];
    expect(takeAll(new OutputProgress(), messages)).toEqual(['0 stdout ab', 'gap', '0 stdout cd', '0 stdout e']);
  });

  test('that the job is run anew, and nothing of the run before any more', () => {
    const messages = [
      piece('ab'),
      { kind: 'started', attempt: 2 } as const,
      piece('ab'),
      piece('xy', { attempt: 2 }),
      { kind: 'started', attempt: 1 } as const,
    ];
    expect(takeAll(new OutputProgress(), messages)).toEqual(['0 stdout ab', 'restarted 2', '0 stdout xy']);
  });

  test('no word about a run of which he has seen nothing', () => {
    const messages = [
      { kind: 'started', attempt: 1 } as const,
      { kind: 'started', attempt: 2 } as const,
      piece('a', { attempt: 3 }),
    ];
    expect(takeAll(new OutputProgress(), messages)).toEqual(['0 stdout a']);
  });
});

describe('a follower takes of the result', () => {
  test('everything when he has heard nothing, in pieces', () => {
    const items = [...new OutputProgress().rest(resultOf([{ stdout: 'x'.repeat(16_385), stderr: 'e' }, {}]))];
    expect(show(items)).toEqual([`0 stdout ${'x'.repeat(16_384)}`, '0 stdout x', '0 stderr e']);
  });

  test('what he lacks', () => {
    const progress = new OutputProgress();
    takeAll(progress, [piece('ab'), piece('e', { command: 1, stream: 'stderr' })]);
    const result = resultOf([{ stdout: 'abcd' }, { stdout: 'x', stderr: 'e' }]);
    expect(show(progress.rest(result))).toEqual(['0 stdout cd', '1 stdout x']);
    expect(show(progress.rest(result))).toEqual([]);
  });

  test.each([
    ['another attempt', [piece('ab')], resultOf([{ stdout: 'abc' }], 2)],
    ['a run that wrote less', [piece('ab')], resultOf([{ stdout: 'a' }])],
    ['a run without that command', [piece('a'), piece('cd', { command: 1 })], resultOf([{ stdout: 'ab' }])],
  ])('everything, behind a word about it, when it is that of %s', (_what, heard, result) => {
    const progress = new OutputProgress();
    takeAll(progress, heard);
    const [first, ...rest] = show(progress.rest(result));
    expect(first).toBe(`restarted ${result.attempt}`);
    expect(rest).toEqual(result.commands.map(({ stdout }) => `0 stdout ${stdout.data}`));
  });
});

test('whatever is lost, doubled or late, the bytes are those of the result', () => {
  const bytes = uint8Array({ minLength: 0, maxLength: 200 });
  const place = record({ from: nat(200), length: nat(50), isStderr: boolean() });
  assert(
    property(bytes, bytes, array(place), (stdout, stderr, places) => {
      const progress = new OutputProgress();
      const got = { stdout: [] as number[], stderr: [] as number[] };
      const keep = (item: { kind: string }): void => {
        const { stream, bytes: more } = item as unknown as { stream: 'stdout' | 'stderr'; bytes: Uint8Array };
        got[stream].push(...more);
      };
      for (const { from, length, isStderr } of places) {
        const [stream, all] = isStderr ? (['stderr', stderr] as const) : (['stdout', stdout] as const);
        const part = all.subarray(from, from + length);
        if (part.length > 0) progress.take(piece(part, { stream, offset: from })).items.forEach(keep);
      }
      const text = (all: Uint8Array): string => Buffer.from(all).toString('latin1');
      for (const item of progress.rest(resultOf([{ stdout: text(stdout), stderr: text(stderr) }]))) keep(item);
      expect(got).toEqual({ stdout: [...stdout], stderr: [...stderr] });
    }),
  );
});
