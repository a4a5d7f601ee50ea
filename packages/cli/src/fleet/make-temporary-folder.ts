import { mkdtempSync, realpathSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../usage-error.ts';
import { canAnybodyExecute } from './can-anybody-execute.ts';

/** The kernel takes 108 bytes for the path of a unix socket, with the zero at its end. */
const socketPathBytesMax = 107;

export interface TemporaryFolderOptions {
  /** Name of a socket that is to stand in it: counted for the length that paths of sockets may have. */
  readonly socket?: string;
  /** Whether another user is to reach what stands in it. */
  readonly isForOthers?: boolean;
}

/**
 * Makes a folder below the temporary directory for nobody but us; its name begins with `prefix`. Throws a UsageError that says what is wrong
 * with the temporary directory.
 */
export function makeTemporaryFolder(
  prefix: string,
  { socket, isForOthers = false }: TemporaryFolderOptions = {},
): string {
  const parent = tmpdir();
  if (!parent.startsWith('/')) throw unusable(parent, 'is not an absolute path');
  // mkdtemp puts six characters of its own in the place of these.
  const bytes = Buffer.byteLength(join(parent, `${prefix}XXXXXX`, socket ?? ''));
  if (socket !== undefined && bytes > socketPathBytesMax) {
    const over = bytes - socketPathBytesMax;
    throw unusable(parent, `is ${over} bytes too long: the private Redis listens on a socket below it`);
  }
  const folder = makeFolder(parent, prefix);
  if (isForOthers && !canAnybodyExecute(realpathSync(parent))) {
    rmdirSync(folder);
    throw unusable(parent, 'is closed to others, and to the user that workers of root become');
  }
  return folder;
}

function makeFolder(parent: string, prefix: string): string {
  try {
    return mkdtempSync(join(parent, prefix));
  } catch (error) {
    throw unusable(parent, explain(error as NodeJS.ErrnoException));
  }
}

function unusable(parent: string, why: string): UsageError {
  return new UsageError(
    `The temporary directory ${parent} ${why}. Set TMPDIR to a directory that you may write in, such as /tmp.`,
  );
}

function explain({ code = '', message }: NodeJS.ErrnoException): string {
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'does not exist',
    ENOTDIR: 'is no directory',
    EACCES: 'is not open to this user',
    EROFS: 'is on a read-only filesystem',
    ENOSPC: 'is on a full filesystem',
  };
  return known[code] ?? `cannot be used (${message})`;
}
