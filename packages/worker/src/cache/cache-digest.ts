import { canonicalJson, type JailMode } from '@bullpen/profiles';
import { type Bytes, decodeBytes } from '@bullpen/protocol';
import { createHash } from 'node:crypto';
import type { JobPlan } from '../job/plan-job.ts';

/** Raised when entries of an earlier kind could be misread, or something else comes to decide what a program does. */
export const cacheVersion = 1;

/** What can change a result and is no matter of the job. */
export interface CacheFacts {
  readonly jailer: string;
  readonly kernel: string;
  /** Of the processor, as Node names it. */
  readonly architecture: string;
  readonly mode: JailMode;
  /** Names of the layers that jails of the job's profile have here: they decide what a program sees, and which limits hold. */
  readonly layers: readonly string[];
}

/** What of a plan can change its result. */
export type CachedPlan = Pick<JobPlan, 'job' | 'profile' | 'commands' | 'diskBytes' | 'diskFiles'>;

/**
 * SHA-256 in hex over everything that can change the result of a plan on this worker. Content counts by its bytes, however it was encoded. The
 * order of files and of the environment's variables counts, too: a program can see both.
 */
export function cacheDigest(plan: CachedPlan, facts: CacheFacts): string {
  const { job, profile, commands, diskBytes, diskFiles } = plan;
  const parts = {
    version: cacheVersion,
    scope: job.cache?.scope ?? '',
    profile: { name: job.profile, digest: profile.digest, toolchain: profile.toolchainVersion },
    facts: { ...facts, layers: facts.layers.toSorted() },
    files: job.files.map(({ path, mode, content }) => ({ path, mode, content: digestOf(content) })),
    directories: job.directories ?? [],
    commands: commands.map((command) => ({ ...command, stdin: digestOf(command.stdin) })),
    limits: { diskBytes, diskFiles },
    collect: job.collect,
  };
  return createHash('sha256').update(canonicalJson(parts)).digest('hex');
}

function digestOf(bytes: Bytes): string {
  return createHash('sha256').update(decodeBytes(bytes)).digest('hex');
}
