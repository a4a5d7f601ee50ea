/** Where a job is, as its producer sees it. */
export const jobStates = ['waiting', 'running', 'finished', 'cancelled', 'failed', 'unknown'] as const;

/**
 * `waiting` covers everything before a worker takes it, also between two attempts; `failed` is a fault or a refusal by Bullpen,
 * never a program's failure, which is `finished`; `unknown` is an id never submitted, or forgotten by age.
 */
export type JobState = (typeof jobStates)[number];
