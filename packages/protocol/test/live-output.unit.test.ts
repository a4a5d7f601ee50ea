import { describe, expect, test } from 'vitest';
import { type LiveOutput, liveOutputBounds, parseLiveOutput, renderLiveOutput } from '../src/live-output.ts';

const piece = { kind: 'output', attempt: 1, command: 0, stream: 'stdout', offset: 0, data: 'aGk=' } as const;
const base64 = (bytes: number): string => Buffer.alloc(bytes, 0xff).toString('base64');

describe('a message of an output channel', () => {
  test.each<LiveOutput>([
    { kind: 'started', attempt: 1 },
    piece,
    { ...piece, attempt: liveOutputBounds.attempt, command: 63, stream: 'stderr', offset: liveOutputBounds.offset },
    { ...piece, data: base64(liveOutputBounds.pieceBytes) },
  ])('is read when it is one: %j', (message) => {
    expect(parseLiveOutput(JSON.stringify(message))).toEqual(message);
    expect(JSON.parse(renderLiveOutput(message))).toEqual(message);
  });

  test.each([
    ['no JSON', '{"kind"'],
    ['no object', 'null'],
    ['of another kind', JSON.stringify({ kind: 'ended', attempt: 1 })],
    ['of attempt 0', JSON.stringify({ ...piece, attempt: 0 })],
    ['of a command that no job has', JSON.stringify({ ...piece, command: 64 })],
    ['of another stream', JSON.stringify({ ...piece, stream: 'stdin' })],
    ['with a negative offset', JSON.stringify({ ...piece, offset: -1 })],
    ['with an offset beyond every stream', JSON.stringify({ ...piece, offset: liveOutputBounds.offset + 1 })],
    ['with a broken offset', JSON.stringify({ ...piece, offset: 0.5 })],
    ['without data', JSON.stringify({ ...piece, data: '' })],
    ['with data that is not base64', JSON.stringify({ ...piece, data: 'a*==' })],
    ['with data cut off', JSON.stringify({ ...piece, data: 'aGk' })],
    ['with too much data', JSON.stringify({ ...piece, data: base64(liveOutputBounds.pieceBytes + 3) })],
    ['with more fields', JSON.stringify({ ...piece, more: 1 })],
    ['of endless length', ' '.repeat(200_000) + JSON.stringify(piece)],
  ])('is dropped when it is %s', (_what, text) => {
    expect(parseLiveOutput(text)).toBeNull();
  });
});
