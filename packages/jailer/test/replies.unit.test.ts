import { describe, expect, test } from 'vitest';
import { CapturedBytes } from '../ts/captured-bytes.ts';
import { FrameError, replyTypes, tags } from '../ts/frame-format.ts';
import { FrameWriter } from '../ts/frame-writer.ts';
import { JailerError } from '../ts/jailer-error.ts';
import {
  parseData,
  parseError,
  parseExited,
  parseFound,
  parseHello,
  parseOpened,
  parseRefused,
} from '../ts/replies.ts';
import { errorFrame, exitedFrame, helloFrame, openedFrame } from './support/scripted-frames.ts';

const body = (frame: Buffer): Buffer => frame.subarray(8);
const none = Buffer.alloc(0);

describe('replies', () => {
  test('HELLO says version, slot and uid', () => {
    expect(parseHello(body(helloFrame(3)))).toEqual({ version: 'bullpen-jailer/0.1.0', slot: 3, uid: 4003 });
  });

  test('OPENED lists layers; a detail may hold an equals sign, a name may not be empty', () => {
    expect(parseOpened(body(openedFrame('landlock=abi=6', 'seccomp=')))).toEqual([
      { name: 'landlock', detail: 'abi=6' },
      { name: 'seccomp', detail: '' },
    ]);
    expect(() => parseOpened(body(openedFrame('=x')))).toThrow(FrameError);
  });

  test('EXITED gives every number its place', () => {
    expect(parseExited(body(exitedFrame(7)), Buffer.from('out'), none)).toEqual({
      endedBy: 'itself',
      exitCode: 7,
      signal: null,
      startErrno: 0,
      wallTimeUs: tags.WALL_US,
      userTimeUs: tags.USER_US,
      systemTimeUs: tags.SYSTEM_US,
      peakMemoryBytes: tags.PEAK_MEMORY,
      oomKills: tags.OOM_KILLS,
      processesRefused: tags.PROCESSES_REFUSED,
      diskBytes: tags.DISK_BYTES_USED,
      diskFiles: tags.DISK_FILES_USED,
      diskFull: true,
      stdout: { bytes: Buffer.from('out'), bytesSeen: 5 },
      stderr: { bytes: none, bytesSeen: 6 },
    });
  });

  test('an unknown ENDED_BY or REASON, a missing field and a repeated one are refused', () => {
    const frame = (type: number, tag: number, value: number): Buffer =>
      body(new FrameWriter().begin(type).u32(tag, value).end().take());
    expect(() => parseExited(frame(replyTypes.EXITED, tags.ENDED_BY, 5), none, none)).toThrow(/must be 0 to 4, got 5/);
    expect(() => parseRefused(frame(replyTypes.REFUSED, tags.REASON, 7))).toThrow(/must be 1 to 6, got 7/);
    expect(() => parseFound(frame(replyTypes.FOUND, tags.MODE, 1))).toThrow(/Field 53 is missing/);
    const twice = new FrameWriter().begin(replyTypes.STDOUT).bytes(tags.DATA, none).bytes(tags.DATA, none).end().take();
    expect(() => parseData(body(twice))).toThrow(/given twice/);
  });

  test('every REASON has its name', () => {
    const names = [1, 2, 3, 4, 5, 6].map((number) =>
      parseRefused(body(new FrameWriter().begin(73).u32(tags.REASON, number).end().take())),
    );
    expect(names).toEqual([
      'missing',
      'not-a-regular-file',
      'has-other-links',
      'outside-the-work-directory',
      'too-large',
      'unreadable',
    ]);
  });

  test('an ERROR becomes one sentence with step, detail and the name of its errno', () => {
    const error = new JailerError(parseError(body(errorFrame('write_file', 28, 'a/b'))));
    expect(error.message).toBe('The jailer failed at step write_file: a/b: ENOSPC, no space left on device.');
    expect(error).toMatchObject({ step: 'write_file', errno: 28, detail: 'a/b' });
    expect(new JailerError({ step: 'init', errno: 0, detail: 'no answer' }).message).toBe(
      'The jailer failed at step init: no answer.',
    );
  });
});

describe('captured output', () => {
  test.each([0, 1, 4096, 3_000_000])('keeps the first %d bytes and drops the rest', (cap) => {
    const captured = new CapturedBytes(cap);
    for (let i = 0; i < 50; i += 1) captured.append(Buffer.alloc(100_000, i));
    const bytes = captured.take();
    expect(bytes.length).toBe(cap);
    expect(bytes.buffer.byteLength).toBeLessThanOrEqual(cap);
    if (cap > 0) expect(bytes.at(-1)).toBe(Math.floor((cap - 1) / 100_000));
  });

  test('the caller may reuse the bytes that it appended', () => {
    const captured = new CapturedBytes(10);
    const data = Buffer.from('abc');
    captured.append(data);
    data.fill(0);
    expect(Buffer.from(captured.take()).toString()).toBe('abc');
  });
});
