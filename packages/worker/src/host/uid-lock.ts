import { readdirSync } from 'node:fs';

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
