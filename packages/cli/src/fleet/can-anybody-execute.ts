import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Whether a user without any rights of its own can execute the file: it and every folder above it allow that to others.
 * (A checkout below root's home usually does not.)
 */
export function canAnybodyExecute(path: string): boolean {
  for (let current = path; ; current = dirname(current)) {
    if ((statSync(current).mode & 0o001) === 0) return false;
    if (current === dirname(current)) return true;
  }
}
