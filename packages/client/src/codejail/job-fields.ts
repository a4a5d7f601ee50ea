import type { JobInput } from '@bullpen/protocol';

/** What is the job's own among the options of a call. */
export interface JobFields {
  /** Name of what is run, for people: comes back as the result's label `slug`. */
  readonly slug?: string | null;
  /** See the job's fields of the same names. */
  readonly id?: string;
  readonly labels?: JobInput['labels'];
  readonly priority?: 'interactive' | 'batch';
  readonly cache?: JobInput['cache'];
  readonly expiresAt?: string;
  readonly resultTtlMs?: number;
}

const labelCharacters = 256;

/** The same as fields of a job; of a long slug the label holds the beginning. */
export function toJobFields({
  slug,
  id,
  labels = {},
  priority,
  cache,
  expiresAt,
  resultTtlMs,
}: JobFields): Pick<JobInput, keyof Omit<JobFields, 'slug'>> {
  const ofSlug = slug === undefined || slug === null ? {} : { slug: slug.slice(0, labelCharacters).toWellFormed() };
  return {
    labels: { ...labels, ...ofSlug },
    ...(id === undefined ? {} : { id }),
    ...(priority === undefined ? {} : { priority }),
    ...(cache === undefined ? {} : { cache }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(resultTtlMs === undefined ? {} : { resultTtlMs }),
  };
}
