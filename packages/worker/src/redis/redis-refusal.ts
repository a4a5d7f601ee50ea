/** Errors with which a Redis that is there refuses a command for a while, and what an operator does about each. */
const remedies: Readonly<Record<string, string>> = {
  OOM: 'its memory is full: raise maxmemory, or free memory',
  MISCONF: 'it cannot save to its disk: mend that, its log says why',
  READONLY: 'it is a replica: point the worker to the primary',
  NOREPLICAS: 'too few of its replicas are there: bring them back, or lower min-replicas-to-write',
  LOADING: 'it still loads its data: wait',
  BUSY: 'a script keeps it busy: wait, or end the script with SCRIPT KILL',
  MASTERDOWN: 'it is a replica that has lost its primary: bring the primary back',
  CLUSTERDOWN: 'its cluster is down: bring the missing nodes back',
  TRYAGAIN: 'its cluster moves keys: wait',
};

// Older servers tell what a script met as `ERR Error running script ...: -OOM command not allowed ...`.
const pattern = new RegExp(`(?:^|: -|Last error: \\w+: )(${Object.keys(remedies).join('|')}) `);

/** What an operator does about a refusal that no fault of the command explains; null for any other error. */
export function remedyOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const kind = pattern.exec(error.message)?.[1];
  return kind === undefined ? null : (remedies[kind] ?? null);
}

/** Redis refused a command again and again, until nobody waited for it any longer. */
export class RedisRefusedError extends Error {
  override readonly name = 'RedisRefusedError';

  constructor(cause: unknown) {
    super(`Redis refused a command until the worker gave it up (${String(cause)}).`, { cause });
  }
}
