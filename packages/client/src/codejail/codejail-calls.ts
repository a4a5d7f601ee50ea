import type { PythonValue } from '../python-json/read-python-json.ts';
import type { CodejailContext } from './codejail-context.ts';
import { jailCode, type JailCodeOptions, type JailResult } from './jail-code.ts';
import { safeExec, type SafeExecOptions, type SafeExecResult } from './safe-exec.ts';

/** codejail's two functions. */
export interface CodejailCalls {
  /**
   * Runs Python code in a jail with `globals`, and returns the globals that it leaves, merged over those that went in. With a `schema` they are checked
   * and typed by it. Throws SafeExecException for what the code did wrong, BullpenError `invalid-job` for names of files and values that cannot be sent,
   * and BullpenError for what Bullpen refused or failed.
   */
  safeExec<Globals = Readonly<Record<string, PythonValue>>>(
    options: SafeExecOptions<Globals>,
  ): Promise<SafeExecResult<Globals>>;
  /**
   * Runs a command of the policy's table (`python` unless it names others), with `code` in the file `jailed_code` if there is some, then `argv`.
   * However the program ends is in the result. Throws BullpenError `invalid-job` for a command that the policy lacks and for names that cannot be sent,
   * and BullpenError for what Bullpen refused or failed.
   */
  jailCode(options: JailCodeOptions): Promise<JailResult>;
}

export function makeCodejailCalls(context: CodejailContext): CodejailCalls {
  return {
    safeExec: (options) => safeExec(context, options),
    jailCode: (options) => jailCode(context, options),
  };
}
