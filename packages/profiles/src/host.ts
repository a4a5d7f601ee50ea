import { constants } from 'node:fs';
import { access, readdir, readlink, realpath, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';

/** What resolving a profile asks of the worker's host. Small, so that tests can describe any host as data. */
export interface ProfileHost {
  /** Path of the worker's own Node, for `{node}`. */
  readonly node: string;
  /** Home directory of the worker's user, for `{home}`. */
  readonly home: string;
  /** The path with every symbolic link followed; null when nothing is there. */
  realpath(path: string): Promise<string | null>;
  /** The text of a symbolic link; null when `path` is none. */
  linkText(path: string): Promise<string | null>;
  /** Whether it is a file that this user may execute. */
  isExecutable(path: string): Promise<boolean>;
  /** Names in a directory; none when it cannot be read. */
  list(directory: string): Promise<readonly string[]>;
  /** What the program prints about its version; rejects when it cannot be run or fails. */
  version(program: string, args: readonly string[]): Promise<string>;
}

export interface NodeHostOptions {
  /** Runs a program of the host and returns what it printed. Given by the caller, whose door to other processes it goes through. */
  readonly version: ProfileHost['version'];
  /** `process.execPath` unless said. */
  readonly node?: string;
  /** The home directory that the user database names for this process's user unless said; `/nonexistent` for a user it does not know. */
  readonly home?: string;
}

/** The host that this process runs on. */
export function makeNodeHost(options: NodeHostOptions): ProfileHost {
  return {
    node: options.node ?? process.execPath,
    home: options.home ?? readHome(),
    version: options.version,
    realpath: (path) => realpath(path).catch(nullWhenAbsent),
    linkText: (path) => readlink(path).catch(nullWhenAbsent),
    isExecutable,
    list: (directory) => readdir(directory).catch(() => []),
  };
}

/** Containers often run as a user that their user database does not know; such a user has no toolchains at home. */
function readHome(): string {
  try {
    return userInfo().homedir;
  } catch {
    return '/nonexistent';
  }
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    // Absent, a loop of links or out of reach: all the same to somebody who looks for a program.
    return false;
  }
}

/** Absent, or not a link. Anything else is the host's trouble and is told. */
function nullWhenAbsent(error: NodeJS.ErrnoException): null {
  if (['ENOENT', 'ENOTDIR', 'EINVAL', 'EACCES', 'ELOOP'].includes(error.code ?? '')) return null;
  throw error;
}
