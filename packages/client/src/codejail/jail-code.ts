import { BullpenError, type Bytes, decodeOutput, type Outcome, type Result } from '@bullpen/protocol';
import type { JobToSubmit } from '../job-to-submit.ts';
import { callLimits, type CodejailCallOptions, type CodejailContext } from './codejail-context.ts';
import { toJobFields } from './job-fields.ts';
import { codejailStatus } from './codejail-status.ts';
import { type JailCommand, policyCommand } from './policy.ts';
import { ranReport } from './read-safe-exec.ts';
import { runJob } from './run-job.ts';
import { jailedCodeName } from './safe-exec-runner.ts';
import { allFiles, temporaryDirectory, toJobFiles } from './sent-files.ts';

export interface JailCodeOptions extends CodejailCallOptions {
  /** A name of the policy's table of commands. */
  readonly command: string;
  /** Put into the file `jailed_code`, whose name then comes before `argv`; empty as good as none. */
  readonly code?: string;
  readonly argv?: readonly string[];
  readonly stdin?: string | Uint8Array;
}

/** How a program of `jailCode` ended. */
export interface JailResult {
  /** Exit code, or the negative number of the signal that ended the program, as codejail gives it. */
  readonly status: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly outcome: Outcome;
  /** The whole of it, with usage and receipt. */
  readonly result: Result;
}

/** See `CodejailCalls.jailCode`. */
export async function jailCode(context: CodejailContext, options: JailCodeOptions): Promise<JailResult> {
  const command = policyCommand(context.policy, options.command);
  if (command === null) {
    const name = JSON.stringify(options.command);
    throw new BullpenError('invalid-job', `The policy has no command ${name}: add it to the policy's commands.`);
  }
  const result = await runJob(context.submit, makeJailCodeJob(context, command, options), options);
  const report = ranReport(result);
  const stderr = decodeOutput(report.stderr);
  return {
    status: codejailStatus(report.outcome),
    stdout: decodeOutput(report.stdout),
    stderr: report.outcome.kind === 'not-started' ? notStartedText(command, report.outcome.reason) : stderr,
    outcome: report.outcome,
    result,
  };
}

function makeJailCodeJob(context: CodejailContext, command: JailCommand, options: JailCodeOptions): JobToSubmit {
  const { code = '', argv = [], stdin = '' } = options;
  if (!code.isWellFormed()) {
    throw new BullpenError('invalid-job', 'The code must be well-formed Unicode: it has a lone surrogate.');
  }
  const hasCode = code !== '';
  const sent = toJobFiles(allFiles(options.files, options.extraFiles), hasCode ? [jailedCodeName] : []);
  return {
    profile: command.profile,
    files: hasCode ? [{ path: jailedCodeName, content: code }, ...sent] : sent,
    directories: [temporaryDirectory],
    commands: [
      {
        argv: [...command.argv, ...(hasCode ? [jailedCodeName] : []), ...argv],
        stdin: toBytes(stdin),
        env: { TMPDIR: temporaryDirectory },
      },
    ],
    limits: callLimits(context, command, options),
    ...toJobFields(options),
  };
}

function toBytes(content: string | Uint8Array): Bytes {
  return typeof content === 'string' ? content : { base64: Buffer.from(content).toString('base64') };
}

function notStartedText({ argv }: JailCommand, reason: string): Uint8Array {
  return Buffer.from(`${argv[0] ?? ''}: ${reason.replaceAll('-', ' ')}\n`);
}
