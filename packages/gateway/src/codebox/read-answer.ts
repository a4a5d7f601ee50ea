import { constants } from 'node:os';
import { BullpenError, type CommandReport, decodeOutput, type Output } from '@bullpen/protocol';
import type { Answer } from './project.ts';
import { timeoutSentence } from './timeout-sentence.ts';

/** 128 and the number of SIGKILL: what a shell says of a program that the kernel killed. */
const killed = 128 + constants.signals.SIGKILL;

/**
 * What a client of codebox is told about a command that was run. A command that ran out of time, or wrote too much, has -1 and a sentence on
 * stderr, unless the program wrote something there itself. Throws BullpenError `internal` for a command that nobody's program ended.
 */
export function readAnswer(report: CommandReport, timeoutSeconds: number): Answer {
  const stdout = readText(report.stdout);
  const written = readText(report.stderr);
  const { exitCode, sentence } = readEnding(report, timeoutSeconds);
  const stderr = written === '' ? sentence : written;
  return { stdout, stderr, exit_code: exitCode, elapsed_time: toSeconds(report.usage.wallTimeMs) };
}

/** To the microsecond, and without the digits that a division leaves behind. */
function toSeconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1_000_000;
}

interface Ending {
  readonly exitCode: number;
  /** What stderr says where the program said nothing. */
  readonly sentence: string;
}

function readEnding({ outcome, stdout, stderr }: CommandReport, timeoutSeconds: number): Ending {
  switch (outcome.kind) {
    case 'exited':
      return { exitCode: outcome.exitCode, sentence: '' };
    case 'signaled':
      return { exitCode: 128 + signalNumber(outcome.signal), sentence: '' };
    case 'wall-time-exceeded':
      return { exitCode: -1, sentence: timeoutSentence(timeoutSeconds) };
    case 'output-exceeded':
      return { exitCode: -1, sentence: `Output Error. Exceeded ${Math.max(stdout.bytesKept, stderr.bytesKept)} bytes` };
    case 'cpu-time-exceeded':
    case 'memory-exceeded':
      return { exitCode: killed, sentence: '' };
    case 'not-started':
      return { exitCode: 255, sentence: '' };
    case 'cancelled':
    case 'skipped':
      throw new BullpenError(
        'internal',
        `A command of the request was ${outcome.kind} by somebody else: send it again.`,
      );
    default:
      return outcome satisfies never;
  }
}

/** `SIG40` is how a signal without a name is told. */
function signalNumber(name: string): number {
  return constants.signals[name as NodeJS.Signals] ?? Number(name.slice('SIG'.length));
}

/** What is no UTF-8 becomes U+FFFD, and every line ends with a line feed, as in a text that Python read. */
function readText(output: Output): string {
  const bytes = decodeOutput(output);
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  return text.replaceAll(/\r\n?/g, '\n');
}
