import { canonicalJson } from '@bullpen/profiles';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Job } from './job.ts';

export const jobDigestSchema = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits');

/** SHA-256 in hex over the job as it was submitted, defaults filled in; equal for equal jobs, however their fields were ordered. */
export function jobDigest(job: Job): string {
  return createHash('sha256').update(canonicalJson(job)).digest('hex');
}
