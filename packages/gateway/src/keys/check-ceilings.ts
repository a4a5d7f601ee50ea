import type { Catalog } from '@bullpen/profiles';
import { type Job, jobLimits, resolvedCommands } from '@bullpen/protocol';
import { Problem } from '../http/problem.ts';
import type { Caller } from './caller.ts';

/** Throws a Problem `above-key-ceiling` when the job asks for more than its caller's key allows. Defaults of the profile count as asked for. */
export function checkCeilings(job: Job, { name, ceilings }: Caller, catalog: Catalog): void {
  const refuse = (field: string, bound: string, got: unknown): never => {
    throw new Problem('above-key-ceiling', `${field} must be ${bound} for the key ${name}, got ${String(got)}.`);
  };
  const { profiles, priorities } = ceilings;
  if (profiles !== undefined && !profiles.includes(job.profile))
    refuse('profile', `one of ${profiles.join(', ')}`, job.profile);
  if (priorities !== undefined && !priorities.includes(job.priority))
    refuse('priority', `one of ${priorities.join(', ')}`, job.priority);
  const profile = catalog.get(job.profile);
  if (profile === undefined) return; // told by the client's own check
  const { memoryBytes = Infinity, diskBytes = Infinity, wallTimeMs = Infinity } = ceilings;
  const { diskBytes: disk } = jobLimits(job, profile);
  if (disk > diskBytes) refuse('limits.diskBytes', `at most ${diskBytes}`, disk);
  let together = 0;
  for (const [index, { limits }] of resolvedCommands(job, profile).entries()) {
    if (limits.memoryBytes > memoryBytes)
      refuse(`commands[${index}].limits.memoryBytes`, `at most ${memoryBytes}`, limits.memoryBytes);
    together += limits.wallTimeMs;
  }
  if (together > wallTimeMs) refuse('limits.wallTimeMs of all commands together', `at most ${wallTimeMs}`, together);
}
