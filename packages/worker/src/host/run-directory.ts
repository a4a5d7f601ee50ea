import { chmodSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the jailer's table takes; docs/jailer.md. */
const pathBytesMax = 96;

/** Where run directories stand unless the configuration says otherwise. */
export function defaultRunDirParent(isRoot: boolean): string {
  return isRoot ? '/run' : tmpdir();
}

/**
 * Makes `bullpen-<pid>` below `parent`, for nobody but its owner. Throws a sentence when that cannot be: the parent is missing or closed, its path too
 * long or unfit for the jailer's table, or something of that name is already there.
 */
export function makeRunDirectory(parent: string): string {
  const path = join(parent, `bullpen-${process.pid}`);
  const bytes = Buffer.byteLength(path);
  if (bytes > pathBytesMax) throw unusable(path, `is ${bytes} bytes long, and may have ${pathBytesMax}`);
  if (!/^\/\S+$/.test(path)) throw unusable(path, 'is not absolute, or has a space in it');
  try {
    mkdirSync(path, { mode: 0o700 });
    chmodSync(path, 0o700); // whatever the umask took away
  } catch (error) {
    throw unusable(path, `cannot be made: ${explain(error, parent)}`, error);
  }
  return path;
}

function unusable(path: string, why: string, cause?: unknown): Error {
  return new Error(
    `The run directory ${path} ${why}. Remedy: name a directory that this user (${process.geteuid?.()}) may write in by runDirParent (BULLPEN_RUN_DIR).`,
    { cause },
  );
}

function explain(error: unknown, parent: string): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const known: Readonly<Record<string, string>> = {
    ENOENT: `${parent} does not exist`,
    ENOTDIR: `${parent} is no directory`,
    EACCES: `${parent} is not open to this user`,
    EROFS: `${parent} is on a read-only filesystem`,
    EEXIST: 'something of that name is there already, which an earlier worker of this number left or still uses',
  };
  return known[code] ?? message;
}
