import { chmodSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where run directories stand unless the configuration says otherwise. */
export function defaultRunDirParent(isRoot: boolean): string {
  return isRoot ? '/run' : tmpdir();
}

/** Makes `bullpen-<pid>` below `parent`, for nobody but its owner. Throws when something of that name is already there. */
export function makeRunDirectory(parent: string): string {
  const path = join(parent, `bullpen-${process.pid}`);
  mkdirSync(path, { mode: 0o700 });
  chmodSync(path, 0o700); // whatever the umask took away
  return path;
}
