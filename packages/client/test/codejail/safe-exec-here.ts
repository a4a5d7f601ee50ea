import { withoutNonce } from '../../src/codejail/answer-nonce.ts';
import { makeSafeExecJob } from '../../src/codejail/make-safe-exec-job.ts';
import { defaultPolicy, safeExecCommand } from '../../src/codejail/policy.ts';
import { renderPythonJson } from '../../src/python-json/render-python-json.ts';
import { type RunHere, runHere, type RunHereOptions } from './run-here.ts';

const secret = Buffer.alloc(32, 7);

/** What a `safe_exec` left when its program ran without a jail; `globalsJson` is null without an answer that has the nonce. */
export interface SafeExecHere extends Omit<RunHere, 'answer'> {
  readonly globalsJson: string | null;
}

/** Runs code as `safe_exec` does, without a jail. */
export async function safeExecHere(code: string, globals = '{}', change: RunHereOptions = {}): Promise<SafeExecHere> {
  const job = makeSafeExecJob(
    {
      codeJson: renderPythonJson(code),
      globalsJson: globals,
      limits: { fileSizeBytes: 0 },
      command: safeExecCommand(defaultPolicy),
    },
    secret,
  );
  const { answer, ...ended } = await runHere(job, change);
  return { ...ended, globalsJson: withoutNonce(job.collect?.[0] ?? '', Buffer.from(answer ?? '', 'latin1')) };
}
