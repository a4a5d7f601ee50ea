import type { BuiltinProfileName } from '@bullpen/profiles';
import type { JobInput } from '@bullpen/protocol';

/** A job as a producer writes it. The names of the built-in profiles are suggested; an operator's are as good. */
export type JobToSubmit = Omit<JobInput, 'profile'> & { readonly profile: BuiltinProfileName | (string & {}) };
