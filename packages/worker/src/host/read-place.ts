import { accessSync, constants, readFileSync, realpathSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { JailMode } from '@bullpen/profiles';

/** What a directory is like as a place for boxes. */
export interface PlaceFacts {
  /** Tells filesystems apart. */
  readonly device: number;
  /** Size of its whole filesystem. */
  readonly bytes: number;
  readonly isTmpfs: boolean;
  /** Whether it lies on the filesystem of /, which nothing keeps from being filled. */
  readonly isOnRoot: boolean;
  /** Whether this process can make directories in it, and their users reach them. */
  readonly isOpen: boolean;
  /** Whether it belongs to the one user that worker and programs share. */
  readonly isOurs: boolean;
  /** Whether nothing in it can be executed. */
  readonly isNoExec: boolean;
}

const tmpfsMagic = 0x0102_1994;

/** Asks this process's host. Programs of `restricted` jails have its own user; those of others must reach the place as users of their own. */
export function readPlace(path: string, mode: JailMode): PlaceFacts | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory() !== true) return null;
  const { type, bsize, blocks } = statfsSync(path);
  return {
    device: stats.dev,
    bytes: bsize * blocks,
    isTmpfs: type === tmpfsMagic,
    isOnRoot: stats.dev === statSync('/').dev,
    isOpen: isWritable(path) && (mode === 'restricted' || isReachable(path)),
    isOurs: mode === 'restricted' && stats.uid === process.geteuid?.(),
    isNoExec: hasNoExec(readFileSync('/proc/self/mountinfo', 'utf8'), realpathSync(path)),
  };
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false; // read-only, or another's
  }
}

/** Whether every user may pass through it and all that is above. */
function isReachable(path: string): boolean {
  for (let current = path; ; current = dirname(current)) {
    if ((statSync(current).mode & constants.S_IXOTH) === 0) return false;
    if (current === dirname(current)) return true;
  }
}

/** Reads the options of the mount that a real path lies on: of those above it the nearest, and the last of several at one place. */
export function hasNoExec(mountinfo: string, path: string): boolean {
  let nearest = { mountPoint: '', options: '' };
  for (const line of mountinfo.split('\n')) {
    const [, , , , point = '', options = ''] = line.split(' ');
    // Blanks and the like are written as three octal digits.
    const mountPoint = point.replaceAll(/\\([0-7]{3})/g, (_, digits: string) =>
      String.fromCodePoint(Number.parseInt(digits, 8)),
    );
    const isAbove = mountPoint === '/' || path === mountPoint || path.startsWith(`${mountPoint}/`);
    if (mountPoint !== '' && isAbove && mountPoint.length >= nearest.mountPoint.length)
      nearest = { mountPoint, options };
  }
  return nearest.options.split(',').includes('noexec');
}
