import { issueSentence } from '@bullpen/profiles';
import { BullpenError, type Result } from '@bullpen/protocol';
import type { z } from 'zod';
import { mergePythonObjects } from '../python-json/merge-python-objects.ts';
import { readPythonJson } from '../python-json/read-python-json.ts';
import { renderPythonJson } from '../python-json/render-python-json.ts';
import { callLimits, type CodejailCallOptions, type CodejailContext } from './codejail-context.ts';
import { makeSafeExecJob, type SafeExecRequest } from './make-safe-exec-job.ts';
import { safeExecCommand } from './policy.ts';
import { ranReport, readSafeExec } from './read-safe-exec.ts';
import { runJob } from './run-job.ts';
import { SafeExecException } from './safe-exec-exception.ts';

export interface SafeExecOptions<Globals> extends CodejailCallOptions {
  readonly code: string;
  /** JSON values, also bigint, NaN and texts with lone surrogates; empty unless said. */
  readonly globals?: Readonly<Record<string, unknown>>;
  /** Names of sent files or directories that are appended to `sys.path`. */
  readonly pythonPath?: readonly string[];
  /** What the globals must be afterwards; its output is what the call returns. */
  readonly schema?: z.ZodType<Globals>;
}

/** What a `safe_exec` left. */
export interface SafeExecResult<Globals> {
  /** Those that went in with those that the code left over them. */
  readonly globals: Globals;
  /** The same as a JSON text of Python's dialect, in which 1 and 1.0 differ and keys have their order. */
  readonly globalsJson: string;
  /** The job's result, with usage and receipt. */
  readonly result: Result;
}

/** See `CodejailCalls.safeExec`. */
export async function safeExec<Globals>(
  context: CodejailContext,
  options: SafeExecOptions<Globals>,
): Promise<SafeExecResult<Globals>> {
  const command = safeExecCommand(context.policy);
  const { files = [], extraFiles = [], pythonPath = [] } = options;
  refuseMissingPaths(pythonPath, [...files.map(({ path }) => path), ...extraFiles.map(([name]) => name)]);
  const sentJson = render(options.globals ?? {}, 'globals');
  const request: SafeExecRequest = {
    ...options,
    codeJson: render(options.code, 'code'),
    globalsJson: sentJson,
    limits: callLimits(context, command, options),
    command,
  };
  const result = await runJob(context.submit, makeSafeExecJob(request, context.secret), options);
  const answer = readSafeExec(result);
  if (answer.kind === 'exception') throw new SafeExecException(answer.message, { ...answer, jobId: result.jobId });
  const globalsJson = mergePythonObjects(sentJson, answer.globalsJson);
  return { globals: checkGlobals(options.schema, globalsJson, result), globalsJson, result };
}

/** codejail would copy such a path from its own machine; here what is not sent is not there. */
function refuseMissingPaths(pythonPath: readonly string[], sent: readonly string[]): void {
  for (const path of pythonPath) {
    if (sent.some((name) => name === path || name.startsWith(`${path}/`))) continue;
    const name = JSON.stringify(path.slice(0, 80));
    throw new BullpenError('invalid-job', `pythonPath has ${name}, which is not among the files: send it with them.`);
  }
}

function render(value: unknown, name: string): string {
  try {
    return renderPythonJson(value, name);
  } catch (error) {
    throw error instanceof TypeError ? new BullpenError('invalid-job', error.message, { cause: error }) : error;
  }
}

function checkGlobals<Globals>(schema: z.ZodType<Globals> | undefined, globalsJson: string, result: Result): Globals {
  const globals = readPythonJson(globalsJson);
  // Without a schema the caller has named no type, and gets the one of the default.
  if (schema === undefined) return globals as Globals;
  const checked = schema.safeParse(globals);
  if (checked.success) return checked.data;
  const sentence = issueSentence(checked.error, globals, 'the whole');
  const { outcome } = ranReport(result);
  const ending = { status: 0, stdout: new Uint8Array(), stderr: new Uint8Array(), outcome, jobId: result.jobId };
  throw new SafeExecException(
    `The globals that the code left are not as asked for: ${sentence}.`,
    { reason: 'wrong-globals', ...ending },
    { cause: checked.error },
  );
}
