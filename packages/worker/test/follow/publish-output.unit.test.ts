import { type CommandReport, encodeBytes, type LiveOutput, liveOutputBounds } from '@bullpen/protocol';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { KeptOutput } from '../../src/follow/kept-output.ts';
import { createOutputPublisher, publishTimes } from '../../src/follow/publish-output.ts';

type Piece = Extract<LiveOutput, { kind: 'output' }>;

/** A run whose output the test writes, and what was published of it. `hold` keeps Redis from answering. */
function makeRun() {
  const published: LiveOutput[] = [];
  const errors: unknown[] = [];
  let looks = 0;
  let wanted = true;
  let answer: Promise<void> = Promise.resolve();
  const kept = new KeptOutput();
  const publisher = createOutputPublisher({
    kept,
    attempt: 2,
    onError: (error) => errors.push(error),
    channel: {
      async publish(message) {
        published.push(message);
        await answer;
      },
      async isFollowed() {
        looks += 1;
        return wanted;
      },
    },
  });
  kept.onGrowth = () => publisher.wake();
  return {
    kept,
    publisher,
    published,
    errors,
    pieces: () => published.filter((message): message is Piece => message.kind === 'output'),
    beginnings: () => published.filter(({ kind }) => kind === 'started').length,
    looks: () => looks,
    hold(promise: Promise<void>) {
      answer = promise;
    },
    leave() {
      wanted = false;
    },
  };
}

const bytes = (text: string): Buffer => Buffer.from(text);
const texts = (pieces: readonly Piece[]): string[] =>
  pieces.map(({ data }) => Buffer.from(data, 'base64').toString('latin1'));

function reportOf(stdout: Uint8Array, stderr: Uint8Array = bytes('')): Pick<CommandReport, 'stdout' | 'stderr'> {
  const output = (content: Uint8Array) => ({
    ...encodeBytes(content),
    bytesKept: content.byteLength,
    bytesSeen: content.byteLength,
    truncated: false,
  });
  return { stdout: output(stdout), stderr: output(stderr) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

describe('output that nobody follows', () => {
  test('is told to nobody, and nobody is asked whether he follows', async () => {
    const { kept, published, looks } = makeRun();
    kept.wrote(0, 'stdout', bytes('a'));
    kept.ended(0, reportOf(bytes('a')));
    await pass(60_000);
    expect([published, looks(), vi.getTimerCount()]).toEqual([[], 0, 0]);
  });

  test('is told no more when the run is over', async () => {
    const { kept, publisher, pieces } = makeRun();
    publisher.follow();
    kept.wrote(0, 'stdout', bytes('a'));
    publisher.end();
    kept.wrote(0, 'stdout', bytes('ab'));
    publisher.follow();
    await pass(60_000);
    expect(texts(pieces())).toEqual([]);
  });

  test('leaves no timer behind when the run ends between two messages', async () => {
    const { kept, publisher, pieces } = makeRun();
    publisher.follow();
    kept.wrote(0, 'stdout', bytes('a'));
    await pass(1);
    expect([texts(pieces()), vi.getTimerCount()]).toEqual([['a'], 1]);
    publisher.end();
    await pass(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is told no more when those who followed have gone', async () => {
    const { kept, publisher, pieces, leave, looks } = makeRun();
    publisher.follow();
    kept.wrote(0, 'stdout', bytes('a'));
    await pass(publishTimes.lookMs);
    leave();
    kept.wrote(0, 'stdout', bytes('ab'));
    await pass(60_000);
    kept.wrote(0, 'stdout', bytes('abc'));
    await pass(60_000);
    expect([texts(pieces()), looks(), publisher.isFollowed]).toEqual([['a'], 1, false]);
    publisher.follow();
    await pass(1);
    expect(texts(pieces())).toEqual(['a', 'abc']);
  });
});

describe('followed output', () => {
  test('is told at once, then what comes within 50 ms together, with the place of each piece', async () => {
    const { kept, publisher, published } = makeRun();
    publisher.follow();
    kept.wrote(0, 'stdout', bytes('a'));
    await pass(1);
    for (const text of ['ab', 'abc', 'abcd']) {
      kept.wrote(0, 'stdout', bytes(text));
      await pass(10);
    }
    kept.wrote(0, 'stderr', bytes('!'));
    await pass(publishTimes.coalesceMs);
    const piece = { kind: 'output', attempt: 2, command: 0, stream: 'stdout' };
    expect(published).toEqual([
      { kind: 'started', attempt: 2 },
      { ...piece, offset: 0, data: bytes('a').toString('base64') },
      { ...piece, offset: 1, data: bytes('bcd').toString('base64') },
      { ...piece, stream: 'stderr', offset: 0, data: bytes('!').toString('base64') },
    ]);
  });

  test('is not held back when there is enough to fill a message', async () => {
    const { kept, publisher, pieces } = makeRun();
    publisher.follow();
    const flood = Buffer.alloc(liveOutputBounds.pieceBytes * 2 + 1, 'x');
    kept.wrote(0, 'stdout', bytes('x'));
    await pass(1);
    kept.wrote(0, 'stdout', flood.subarray(0, liveOutputBounds.pieceBytes));
    await pass(1);
    expect(pieces()).toHaveLength(1);
    kept.wrote(0, 'stdout', flood);
    await pass(1);
    expect(texts(pieces()).map(({ length }) => length)).toEqual([1, 65_536, 65_536]);
    expect(texts(pieces()).join('')).toBe(flood.toString());
  });

  test('is told from the beginning to those who come later, also that of commands which have ended', async () => {
    const { kept, publisher, pieces } = makeRun();
    kept.wrote(0, 'stdout', bytes('compiled\xff'));
    kept.ended(0, reportOf(Buffer.from('compiled\xff', 'latin1'), bytes('warning')));
    kept.wrote(1, 'stdout', bytes('run'));
    publisher.follow();
    await pass(1);
    expect(pieces().map(({ command, stream, offset }) => [command, stream, offset])).toEqual([
      [0, 'stdout', 0],
      [0, 'stderr', 0],
      [1, 'stdout', 0],
    ]);
    expect(texts(pieces())).toEqual(['compiled\xff', 'warning', 'run']);
  });

  test('is told again from the beginning once a second at most, however many ask for it', async () => {
    const { kept, publisher, beginnings } = makeRun();
    kept.wrote(0, 'stdout', bytes('a'));
    for (let asked = 0; asked < 100; asked += 1) publisher.follow();
    await pass(publishTimes.againMs - 10);
    expect(beginnings()).toBe(1);
    await pass(100);
    expect(beginnings()).toBe(2);
    await pass(60_000);
    expect(beginnings()).toBe(2);
  });

  test('waits for a slow Redis with one message on its way, and loses nothing', async () => {
    const { kept, publisher, published, pieces, hold } = makeRun();
    const { promise, resolve } = Promise.withResolvers<void>();
    hold(promise);
    publisher.follow();
    const flood = Buffer.alloc(200_000, 'abc');
    for (let end = 1000; end <= flood.length; end += 1000) {
      kept.wrote(0, 'stdout', flood.subarray(0, end));
      await pass(1);
    }
    expect(published).toHaveLength(1);
    const second = Promise.withResolvers<void>();
    hold(second.promise);
    resolve();
    await pass(1000);
    expect(published).toHaveLength(2);
    hold(Promise.resolve());
    second.resolve();
    await pass(1000);
    expect(texts(pieces()).join('')).toBe(flood.toString());
  });

  test('ends where Redis refuses a message, and that is told; the next who follows may have more luck', async () => {
    const { kept, publisher, errors, pieces, hold } = makeRun();
    const refusal = Promise.reject(new Error('NOPERM'));
    refusal.catch(() => {});
    hold(refusal);
    publisher.follow();
    kept.wrote(0, 'stdout', bytes('a'));
    await pass(1000);
    expect([errors.length, publisher.isFollowed, pieces().length]).toEqual([1, false, 0]);
    hold(Promise.resolve());
    publisher.follow();
    await pass(publishTimes.againMs);
    expect(texts(pieces())).toEqual(['a']);
  });
});
