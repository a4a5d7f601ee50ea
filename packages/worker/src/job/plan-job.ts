import type { JailFile, JailRequest } from '@bullpen/jailer';
import type { ResolvedProfile } from '@bullpen/profiles';
import {
  BullpenError,
  checkJob,
  decodeBytes,
  type Job,
  jobLimits,
  parseMessage,
  type ResolvedCommand,
  resolvedCommands,
} from '@bullpen/protocol';
import type { WorkerCatalog } from '../host/load-profiles.ts';

/** Everything about a job that is known before it has a slot. */
export interface JobPlan {
  readonly job: Job;
  readonly profile: ResolvedProfile;
  readonly profileNumber: number;
  readonly commands: readonly ResolvedCommand[];
  readonly diskBytes: number;
  readonly diskFiles: number;
  /** Milliseconds since the epoch, by the producer's clock. */
  readonly submittedAt: number;
  /** Of the job as it was submitted, when its producer chose the id. */
  readonly digest: string | undefined;
  /** Wall-time limits of all commands together, in milliseconds. */
  readonly wallTimeMs: number;
}

/**
 * Reads a message of the queue and decides how this worker runs it. Throws BullpenError `invalid-job`, `unknown-profile`,
 * `limit-above-ceiling`, `expired`, or `profile-unavailable` when this host lacks the toolchain.
 */
export function planJob(profiles: WorkerCatalog, message: unknown, nowMs: number): JobPlan {
  const { job, submittedAt, digest } = parseMessage(message);
  checkJob(job, profiles.catalog);
  if (job.expiresAt !== undefined && Date.parse(job.expiresAt) < nowMs) {
    throw new BullpenError(
      'expired',
      `The job waited past its expiresAt ${job.expiresAt}: add workers, or give it more time.`,
    );
  }
  const profileNumber = profiles.available.findIndex(({ profile }) => profile.name === job.profile);
  const profile = profiles.available[profileNumber];
  if (profile === undefined) {
    const reason = profiles.unavailable.get(job.profile) ?? 'its toolchain was not found';
    throw new BullpenError('profile-unavailable', `Profile ${job.profile} cannot run on this worker: ${reason}.`);
  }
  const commands = resolvedCommands(job, profile.profile);
  const { diskBytes, diskFiles } = jobLimits(job, profile.profile);
  const wallTimeMs = commands.reduce((sum, { limits }) => sum + limits.wallTimeMs, 0);
  return { job, profile, profileNumber, commands, diskBytes, diskFiles, submittedAt, digest, wallTimeMs };
}

/** What the slot is asked to open. The files' bytes are made here, as late as possible. */
export function makeJailRequest(plan: JobPlan): JailRequest {
  const files = plan.job.files.map(
    ({ path, mode, content }): JailFile => ({ path, mode, content: decodeBytes(content) }),
  );
  const { directories = [] } = plan.job;
  return {
    profileNumber: plan.profileNumber,
    diskBytes: plan.diskBytes,
    diskFiles: plan.diskFiles,
    files,
    directories,
  };
}
