import { expect, test } from 'vitest';
import { readFields } from '../ts/fields.ts';
import { FrameDecoder } from '../ts/frame-decoder.ts';
import { frameBodyMax, requestTypes, tags } from '../ts/frame-format.ts';
import { closeRequest, collectRequest, killRequest, openRequest, runRequest, syncRequest } from '../ts/requests.ts';
import type { JailCommand, JailFile } from '../ts/types.ts';

interface Sent {
  readonly type: number;
  readonly size: number;
  readonly fields: [tag: number, bytes: Buffer][];
}

function sent(chunks: Iterable<Uint8Array>): Sent[] {
  const frames: Sent[] = [];
  const decoder = new FrameDecoder((type, body) => {
    const fields: [number, Buffer][] = [];
    readFields(body, (tag, bytes) => fields.push([tag, Buffer.from(bytes)]));
    frames.push({ type, size: body.length, fields });
  });
  for (const chunk of chunks) decoder.push(Buffer.from(chunk));
  expect(decoder.pending.length).toBe(0);
  return frames;
}

const file = (path: string, bytes: number): JailFile => ({ path, mode: 0o644, content: Buffer.alloc(bytes, 120) });
const dataOf = (frames: Sent[]): Buffer =>
  Buffer.concat(frames.flatMap(({ fields }) => fields.filter(([tag]) => tag === tags.DATA).map(([, bytes]) => bytes)));

const limits = {
  wallTimeMs: 1,
  cpuTimeMs: 2,
  memoryBytes: 3,
  addressSpaceBytes: null,
  processes: 5,
  fileSizeBytes: 6,
  openFiles: 7,
  stackBytes: 8,
  outputBytes: 9,
};
const command = (change: Partial<JailCommand> = {}): JailCommand => ({
  argv: ['a', 'b c'],
  env: ['X=1'],
  stdin: Buffer.alloc(0),
  limits,
  ...change,
});

test('OPEN and small files travel in one write', () => {
  const chunks = [
    ...openRequest({ profileNumber: 3, diskBytes: 100, diskFiles: 20, files: [file('a', 1), file('b/c', 0)] }),
  ];
  expect(chunks.length).toBe(1);
  const frames = sent(chunks);
  expect(frames.map(({ type }) => type)).toEqual([requestTypes.OPEN, requestTypes.FILE, requestTypes.FILE]);
  expect(frames[0]?.fields.map(([tag]) => tag)).toEqual([tags.PROFILE, tags.DISK_BYTES, tags.DISK_FILES]);
  expect(frames[1]?.fields.map(([tag]) => tag)).toEqual([tags.PATH, tags.MODE, tags.DATA]);
  expect(frames[2]?.fields.map(([tag]) => tag)).toEqual([tags.PATH, tags.MODE]);
});

test('directories go before the files, as FILE frames whose mode says what they are', () => {
  const frames = sent(
    openRequest({ profileNumber: 0, diskBytes: 1, diskFiles: 1, files: [file('a/b', 1)], directories: ['tmp', 'a'] }),
  );
  expect(frames.map(({ type }) => type)).toEqual([1, 2, 2, 2]);
  const said = frames.slice(1).map(({ fields: [path, mode] }) => [path?.[1].toString(), mode?.[1].readUInt32LE()]);
  expect(said).toEqual([
    ['tmp', 0o040755],
    ['a', 0o040755],
    ['a/b', 0o644],
  ]);
  expect(frames.map(({ fields }) => fields.length)).toEqual([3, 2, 2, 3]);
});

test.each([131_071, 131_072, 1_000_000])(
  'a file of %d bytes is cut into frames within the bound and loses no byte',
  (bytes) => {
    const frames = sent(
      openRequest({ profileNumber: 0, diskBytes: 1, diskFiles: 1, files: [file('a', bytes), file('b', 1)] }),
    );
    expect(Math.max(...frames.map(({ size }) => size))).toBeLessThanOrEqual(frameBodyMax);
    expect(dataOf(frames).length).toBe(bytes + 1);
    expect(frames.at(-1)?.fields[0]?.[1].toString()).toBe('b');
  },
);

test('a file that just fills one frame needs no FILE_DATA', () => {
  const room = frameBodyMax - 'a'.length - 4 - 24;
  const types = (bytes: number): number[] =>
    sent(openRequest({ profileNumber: 0, diskBytes: 1, diskFiles: 1, files: [file('a', bytes)] })).map(
      ({ type }) => type,
    );
  expect(types(room)).toEqual([requestTypes.OPEN, requestTypes.FILE]);
  expect(types(room + 1)).toEqual([requestTypes.OPEN, requestTypes.FILE, requestTypes.FILE_DATA]);
});

test('large input is written in bounded chunks of whole frames, RUN last', () => {
  const stdin = Buffer.from(Array.from({ length: 10_000_000 }, (_, i) => i % 251));
  const chunks = [...runRequest(command({ stdin }))];
  expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThanOrEqual(262_144 + frameBodyMax + 8);
  const frames = sent(chunks);
  expect(frames.at(-1)?.type).toBe(requestTypes.RUN);
  expect(dataOf(frames).equals(stdin)).toBe(true);
});

test('RUN carries argv, env and every limit once; no address-space limit travels as 0', () => {
  const [run] = sent(runRequest(command()));
  const numbers = run?.fields
    .filter(([tag]) => tag >= tags.WALL_MS)
    .map(([tag, bytes]) => [tag, Number(bytes.readBigUInt64LE())]);
  expect(run?.fields.slice(0, 3).map(([tag, bytes]) => [tag, bytes.toString()])).toEqual([
    [tags.ARG, 'a'],
    [tags.ARG, 'b c'],
    [tags.ENV, 'X=1'],
  ]);
  expect(numbers).toEqual([
    [16, 1],
    [17, 2],
    [18, 3],
    [19, 0],
    [20, 5],
    [21, 6],
    [22, 7],
    [23, 8],
    [24, 9],
  ]);
});

test('argv and env above one frame are a JailerError of step request that names both sizes', () => {
  expect(() => runRequest(command({ argv: ['x'.repeat(131_000)] }))).toThrow(
    /step request: .* take 1311\d\d bytes and one frame holds 131072; pass large data by stdin or files: E2BIG/,
  );
});

test('KILL, CLOSE, COLLECT and SYNC are single frames', () => {
  expect(killRequest().toString('hex')).toBe('0000000006000000');
  expect(closeRequest().toString('hex')).toBe('0000000008000000');
  expect(sent([collectRequest('out', 10)])[0]?.fields.map(([tag]) => tag)).toEqual([tags.PATH, tags.MAX_BYTES]);
  expect(sent([syncRequest(Buffer.alloc(16, 7))])[0]?.fields).toEqual([[tags.NONCE, Buffer.alloc(16, 7)]]);
});
