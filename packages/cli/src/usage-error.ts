/** The caller asked for something that does not exist or has a wrong shape: one sentence, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
