import { type CommandReport, encodeBytes, makeUnrunReport, type Outcome, type Output } from '@bullpen/protocol';
import { describe, expect, test } from 'vitest';
import { readAnswer } from '../../src/codebox/read-answer.ts';

function output(bytes: string | Uint8Array): Output {
  const kept = Buffer.from(bytes as string);
  return { ...encodeBytes(kept), bytesKept: kept.length, bytesSeen: kept.length, truncated: false };
}

function report(outcome: Outcome, stdout: string | Uint8Array = '', stderr: string | Uint8Array = ''): CommandReport {
  const unrun = makeUnrunReport('skipped');
  return {
    ...unrun,
    outcome,
    stdout: output(stdout),
    stderr: output(stderr),
    usage: { ...unrun.usage, wallTimeMs: 12.5 },
  };
}

const timeout: Outcome = { kind: 'wall-time-exceeded' };
const flood: Outcome = { kind: 'output-exceeded' };

describe('an outcome becomes an exit code, and a sentence where the program wrote nothing to stderr', () => {
  test.for<[what: string, report: CommandReport, exitCode: number, stdout: string, stderr: string]>([
    ['exited', report({ kind: 'exited', exitCode: 3 }, 'out', 'err'), 3, 'out', 'err'],
    ['out of time', report(timeout, 'so far'), -1, 'so far', 'Timeout Error. Exceeded 0.2s'],
    ['out of time, with words of its own', report(timeout, '', 'mine'), -1, '', 'mine'],
    ['out of memory', report({ kind: 'memory-exceeded' }, 'so far'), 137, 'so far', ''],
    ['out of CPU time', report({ kind: 'cpu-time-exceeded' }), 137, '', ''],
    ['too much output', report(flood, 'xxxx'), -1, 'xxxx', 'Output Error. Exceeded 4 bytes'],
    ['too much on stderr', report(flood, 'x', 'yyyyyyy'), -1, 'x', 'yyyyyyy'],
    ['a signal', report({ kind: 'signaled', signal: 'SIGSEGV' }), 139, '', ''],
    ['abort()', report({ kind: 'signaled', signal: 'SIGABRT' }), 134, '', ''],
    ['a real-time signal', report({ kind: 'signaled', signal: 'SIG40' }), 168, '', ''],
    ['not started', report({ kind: 'not-started', reason: 'program-not-found' }), 255, '', ''],
  ])('%s', ([, given, exitCode, stdout, stderr]) => {
    const answer = readAnswer(given, 0.2);
    expect(answer).toEqual({ stdout, stderr, exit_code: exitCode, elapsed_time: 0.0125 });
    expect(Object.keys(answer)).toEqual(['stdout', 'stderr', 'exit_code', 'elapsed_time']);
  });

  test('a command that somebody cancelled has none', () => {
    expect(() => readAnswer(makeUnrunReport('cancelled'), 0.2)).toThrow(/cancelled by somebody else/);
    expect(() => readAnswer(makeUnrunReport('skipped'), 0.2)).toThrow(/skipped/);
  });
});

describe('what a program wrote becomes text', () => {
  test.for<[what: string, bytes: Uint8Array, text: string]>([
    ['line ends are line feeds', Buffer.from('a\r\nb\rc\n\r\r\n'), 'a\nb\nc\n\n\n'],
    [
      'what is no UTF-8 is told, and the rest kept',
      Buffer.from([0x61, 0xff, 0xc3, 0x28, 0x62, 0xe2, 0x82]),
      'a\ufffd\ufffd(b\ufffd',
    ],
    ['a byte order mark stays', Buffer.from('\ufeffx'), '\ufeffx'],
    ['NULs stay', Buffer.from('a\0b'), 'a\0b'],
  ])('%s', ([, bytes, text]) => {
    const answer = readAnswer(report({ kind: 'exited', exitCode: 0 }, bytes, bytes), 1);
    expect(answer).toMatchObject({ stdout: text, stderr: text, exit_code: 0 });
  });
});
