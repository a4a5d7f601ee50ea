import { readdirSync } from 'node:fs';
import type { WorkerConfig } from '../config.ts';

/** Where a jailer that this user starts locks UIDs, by the configuration or by default. */
export function uidLockDirectory({ uidLockDir }: Pick<WorkerConfig, 'uidLockDir'>, uid: number): string {
  return uidLockDir ?? (uid === 0 ? '/run/bullpen-uids' : `/tmp/bullpen-uids-${uid}`);
}

/**
 * UIDs that jailers of this host have locked, by the files of the lock directory. A file that a killed jailer left counts too, until the next
 * jailer removes it. Null when the directory cannot be read: it is root's.
 */
export function readLockedUids(directory: string): ReadonlySet<number> | null {
  try {
    return new Set(
      readdirSync(directory)
        .filter((name) => /^\d+$/.test(name))
        .map(Number),
    );
  } catch (error) {
    // No jailer has run yet: nothing is locked.
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? new Set() : null;
  }
}
