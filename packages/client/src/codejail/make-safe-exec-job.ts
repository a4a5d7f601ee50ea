import type { Limits } from '@bullpen/profiles';
import type { JobToSubmit } from '../job-to-submit.ts';
import { type JobFields, toJobFields } from './job-fields.ts';
import { makeAnswerNonce } from './answer-nonce.ts';
import { jailedCodeName, safeExecRunner } from './safe-exec-runner.ts';
import { allFiles, type ExtraFile, type SentFile, temporaryDirectory, toJobFiles } from './sent-files.ts';
import type { JailCommand } from './policy.ts';

/** The answer may have so many bytes, as codejail's JSON of all globals. */
export const answerBytes = 8_388_608;

/** One `safe_exec`, with code and globals as texts of Python's JSON dialect: what cannot be told in JavaScript values passes through unharmed. */
export interface SafeExecRequest extends JobFields {
  /** JSON text of a string. */
  readonly codeJson: string;
  /** JSON text of an object. */
  readonly globalsJson: string;
  readonly files?: readonly SentFile[];
  readonly extraFiles?: readonly ExtraFile[];
  /** Files or directories of the work directory that are appended to `sys.path`. */
  readonly pythonPath?: readonly string[];
  /** As `toLimits` makes them. */
  readonly limits: Partial<Limits>;
  /** What runs the code: `safeExecCommand(policy)`. */
  readonly command: JailCommand;
}

/**
 * The job that runs a `safe_exec`; `readSafeExec` reads its result. `secret` is what the answer's nonce is made of, at least 16 bytes; clients with the
 * same secret share cached results. Throws BullpenError `invalid-job` for names of files that lead out of the work directory.
 */
export function makeSafeExecJob(request: SafeExecRequest, secret: Uint8Array): JobToSubmit {
  const { codeJson, globalsJson, command, pythonPath = [], limits } = request;
  const sent = allFiles(request.files, request.extraFiles);
  const fileSizeBytes = limits.fileSizeBytes ?? 0;
  const tail = `${fileSizeBytes},${JSON.stringify(pythonPath)},${asUtf8(codeJson)},${asUtf8(globalsJson)}]`;
  const { nonce, path } = makeAnswerNonce(secret, [
    tail,
    JSON.stringify({ command, limits }),
    ...sent.flatMap(partsOf),
  ]);
  return {
    profile: command.profile,
    files: [{ path: jailedCodeName, content: safeExecRunner }, ...toJobFiles(sent, [jailedCodeName])],
    directories: [temporaryDirectory],
    commands: [
      {
        argv: [...command.argv, jailedCodeName],
        stdin: `["${nonce}","${path}",${tail}`,
        env: { TMPDIR: temporaryDirectory },
      },
    ],
    limits: { ...limits, fileSizeBytes: Math.max(fileSizeBytes, answerBytes) },
    collect: [path],
    ...toJobFields(request),
  };
}

function partsOf({ path, content, mode }: SentFile): (string | Uint8Array)[] {
  return [path, String(mode), content];
}

/** Lone surrogates have no UTF-8; in a JSON text they can stand inside strings only, where an escape means the same. */
function asUtf8(json: string): string {
  if (json.isWellFormed()) return json;
  return json.replaceAll(/\p{Surrogate}/gu, (surrogate) => `\\u${surrogate.charCodeAt(0).toString(16)}`);
}
