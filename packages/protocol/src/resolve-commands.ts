import { type CommandLimits, LimitAboveCeiling, type Profile, resolveLimits } from '@bullpen/profiles';
import type { Bytes } from './bytes.ts';
import { commandBytes } from './command-bytes.ts';
import { BullpenError } from './errors.ts';
import { type Job, jobBounds } from './job.ts';
import { tooManyBytes } from './parse-job.ts';

/** One command with nothing left to decide: what a jail is asked to run. */
export interface ResolvedCommand {
  readonly argv: readonly string[];
  /** `NAME=value` strings: the whole environment, the profile's first and the command's over it. */
  readonly env: readonly string[];
  /** Still as it travelled; `decodeBytes` gives the bytes when the command's turn comes. */
  readonly stdin: Bytes;
  readonly limits: CommandLimits;
  readonly stopOnFailure: boolean;
}

/**
 * The job's commands with their full environment and limits. Give it the profile as resolved on the worker's host, whose PATH leads to
 * the program. Throws `limit-above-ceiling`, or `invalid-job` when argv and environment do not fit together.
 */
export function resolvedCommands(job: Job, profile: Profile): readonly ResolvedCommand[] {
  return job.commands.map((command, index) => {
    const env = { ...profile.env, ...command.env };
    const bytes = commandBytes(command.argv, env);
    if (bytes > jobBounds.argvBytes) throw tooManyBytes(index, bytes);
    const {
      diskBytes: _jailBytes,
      diskFiles: _jailFiles,
      ...limits
    } = withLimitErrors(`commands[${index}].`, () => resolveLimits(profile, job.limits, command.limits));
    return {
      argv: command.argv,
      env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      stdin: command.stdin,
      limits,
      stopOnFailure: command.stopOnFailure,
    };
  });
}

/** Runs `resolve` and says a limit above its ceiling in the protocol's terms; `owner` is the path of the field that holds `limits`. */
export function withLimitErrors<Value>(owner: string, resolve: () => Value): Value {
  try {
    return resolve();
  } catch (error) {
    if (error instanceof LimitAboveCeiling)
      throw new BullpenError('limit-above-ceiling', owner + error.message, { cause: error });
    throw error;
  }
}
