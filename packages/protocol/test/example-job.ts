import type { JobInput } from '../src/job.ts';

/** A job as a producer writes it, so that a test says only what it is about. */
export function makeJobInput(changes: Partial<JobInput> = {}): JobInput {
  return { profile: 'python', commands: [{ argv: ['python3', 'main.py'] }], ...changes };
}
