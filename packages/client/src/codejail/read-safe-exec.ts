import { BullpenError, type CommandReport, decodeOutput, type Outcome, type Result } from '@bullpen/protocol';
import { PythonJsonError } from '../python-json/python-json-error.ts';
import { parsePythonJson } from '../python-json/parse-python-json.ts';
import { withoutNonce } from './answer-nonce.ts';
import { codejailStatus } from './codejail-status.ts';
import { pythonBytesLiteral } from './python-bytes-literal.ts';

/** The code ended and left its globals. */
export interface SafeExecGlobals {
  readonly kind: 'globals';
  /** JSON text of an object, in ASCII. */
  readonly globalsJson: string;
}

/** The code failed, was ended, or left no answer. */
export interface SafeExecFailure {
  readonly kind: 'exception';
  /** `failed`: the status says how. `no-answer`: the status is 0, but the code ended the interpreter before its own end. `answer-too-large`: see `answerBytes`. */
  readonly reason: 'failed' | 'no-answer' | 'answer-too-large';
  /** codejail's text for `failed`, a sentence for the others. */
  readonly message: string;
  /** Exit code, or the negative number of a signal. */
  readonly status: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly outcome: Outcome;
}

export type SafeExecAnswer = SafeExecGlobals | SafeExecFailure;

/**
 * What became of a job of `makeSafeExecJob`. stdout is never looked at: what counts is the file that begins with the job's nonce. Throws an `AbortError`
 * for a job that was cancelled, and BullpenError `profile-unavailable` when Python could not be started, which is no doing of the code.
 */
export function readSafeExec(result: Result): SafeExecAnswer {
  const report = ranReport(result);
  const { outcome } = report;
  if (outcome.kind === 'not-started') {
    throw new BullpenError(
      'profile-unavailable',
      `Python could not be started in profile ${result.profile} (${outcome.reason}).`,
    );
  }
  const ending = {
    outcome,
    status: codejailStatus(outcome),
    stdout: decodeOutput(report.stdout),
    stderr: decodeOutput(report.stderr),
  };
  if (ending.status !== 0) return { kind: 'exception', reason: 'failed', message: codejailMessage(ending), ...ending };
  const answer = readAnswer(result);
  if ('globalsJson' in answer) return { kind: 'globals', globalsJson: answer.globalsJson };
  return { kind: 'exception', ...answer, ...ending };
}

/** codejail's text of an exception, with both streams as Python writes bytes. */
export function codejailMessage({
  stdout,
  stderr,
  status,
}: Pick<SafeExecFailure, 'stdout' | 'stderr' | 'status'>): string {
  const streams = `stdout: ${pythonBytesLiteral(stdout)}, stderr: ${pythonBytesLiteral(stderr)}`;
  return `Couldn't execute jailed code: ${streams} with status code: ${status}`;
}

/** The report of the job's only command. Throws an `AbortError` when the job was cancelled. */
export function ranReport(result: Result): CommandReport {
  const [report] = result.commands;
  if (result.state === 'cancelled' || report === undefined || report.outcome.kind === 'cancelled') {
    throw new DOMException(`Job ${result.jobId} was cancelled.`, 'AbortError');
  }
  return report;
}

type Answer = Pick<SafeExecGlobals, 'globalsJson'> | Pick<SafeExecFailure, 'reason' | 'message'>;

const tooLarge: Answer = {
  reason: 'answer-too-large',
  message:
    'The globals that the code left are too large: leave less than 8 MiB, printed output included, and a million values.',
};

const noAnswer: Answer = {
  reason: 'no-answer',
  message:
    'The code ended Python with status 0 before its own end, so there are no globals: leave out sys.exit() and os._exit().',
};

function readAnswer(result: Result): Answer {
  const [file] = result.files;
  if (file?.state === 'refused' && file.reason === 'too-large') return tooLarge;
  if (file?.state !== 'collected') return noAnswer;
  const globalsJson = withoutNonce(file.path, decodeOutput(file));
  return globalsJson === null ? noAnswer : checkAnswer(globalsJson);
}

/** A reader of answers is to be busy with none of them for long. */
const answerValues = 1_000_000;

/** The runner writes nothing but objects; the code, which runs in the same interpreter, might. */
function checkAnswer(globalsJson: string): Answer {
  try {
    const { kind } = parsePythonJson(globalsJson, { nodesToDepth: 0, maximumValues: answerValues });
    return kind === 'object' ? { globalsJson } : noAnswer;
  } catch (error) {
    if (!(error instanceof PythonJsonError)) throw error;
    return error.kind === 'bound' ? tooLarge : noAnswer;
  }
}
