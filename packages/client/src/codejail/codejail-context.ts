import { type Catalog, issueSentence, type Limits, type Profile } from '@bullpen/profiles';
import { BullpenError } from '@bullpen/protocol';
import { z } from 'zod';
import type { JobToSubmit } from '../job-to-submit.ts';
import type { JobHandle } from '../job-handle.ts';
import { type CodejailLimits, codejailLimitsSchema, toLimits } from './codejail-limits.ts';
import type { JobFields } from './job-fields.ts';
import { type JailCommand, type Policy, policyLimits } from './policy.ts';
import type { CallOptions } from './run-job.ts';
import type { ExtraFile, SentFile } from './sent-files.ts';

/** What both calls take. */
export interface CodejailCallOptions extends CallOptions, JobFields {
  /** Files of the work directory. */
  readonly files?: readonly SentFile[];
  /** More of them, as pairs of name and content. */
  readonly extraFiles?: readonly ExtraFile[];
  /** Over those of the policy and of the context. */
  readonly limits?: CodejailLimits;
  /** A context of the policy's overrides; one that is not known has none. */
  readonly limitOverridesContext?: string | null;
}

/** What the calls need of their client. */
export interface CodejailContext {
  readonly policy: Policy;
  /** What the nonces of answers are made of. */
  readonly secret: Uint8Array;
  readonly catalog: Catalog;
  submit(job: JobToSubmit): Promise<JobHandle>;
}

/** Under their name, so that a sentence about them has it. */
const ownLimitsSchema = z.object({ limits: codejailLimitsSchema });

/** The job's limits of a call: the policy's, the context's and the call's own, as the command's profile takes them. */
export function callLimits(
  { policy, catalog }: CodejailContext,
  { profile: name }: JailCommand,
  { limits = {}, limitOverridesContext }: CodejailCallOptions,
): Partial<Limits> {
  const own = ownLimitsSchema.safeParse({ limits });
  if (!own.success) throw new BullpenError('invalid-job', `${issueSentence(own.error, { limits }, 'the call')}.`);
  const profile: Profile | undefined = catalog.get(name);
  if (profile === undefined) {
    throw new BullpenError('unknown-profile', `No profile is called ${name}: the policy's command names it.`);
  }
  return toLimits(policyLimits(policy, limitOverridesContext, own.data.limits), profile);
}
