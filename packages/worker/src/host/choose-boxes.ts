import { accessSync, constants, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { JailMode, ResolvedProfile } from '@bullpen/profiles';

/** Where the jails of a worker without mounts have their boxes. */
export interface BoxesPlace {
  readonly path: string;
  /** What each slot may fill of it. */
  readonly bytesPerSlot: number;
}

/** What a directory is like as a place for boxes. */
export interface PlaceFacts {
  /** Size of its whole filesystem. */
  readonly bytes: number;
  readonly isTmpfs: boolean;
  /** Whether it lies on the filesystem of /, which nothing keeps from being filled. */
  readonly isOnRoot: boolean;
  /** Whether this process can make directories in it, and their users reach them. */
  readonly isOpen: boolean;
}

export interface BoxesNeeds {
  /** The operator's place, or null for the first that will do. */
  readonly asked: string | null;
  readonly runDirParent: string;
  readonly slots: number;
  readonly available: readonly ResolvedProfile[];
  /** Null when nothing is there, or no directory. */
  readonly readPlace: (path: string) => PlaceFacts | null;
}

const remedy =
  'mount a tmpfs with a size for it (in Kubernetes an emptyDir with medium Memory and a sizeLimit) and name it by boxes (BULLPEN_BOXES)';

/**
 * Without mounts nothing bounds all that a job writes but the size of the filesystem it writes to, so that must be limited: a place of the
 * operator's, else the parent of the run directory, else /dev/shm. Throws a sentence that says what is wrong with each of them.
 */
export function chooseBoxes(needs: BoxesNeeds): BoxesPlace {
  const problems: string[] = [];
  for (const path of needs.asked === null ? [needs.runDirParent, sharedMemory] : [needs.asked]) {
    const facts = needs.readPlace(path);
    const problem = facts === null ? `${path} is no directory` : judgePlace(path, facts, needs);
    if (facts !== null && problem === null) return { path, bytesPerSlot: Math.floor(facts.bytes / needs.slots) };
    problems.push(problem ?? '');
  }
  throw new Error(
    `There is no place for the boxes of jails, where their programs write: ${problems.join('; ')}. Remedy: ${remedy}.`,
  );
}

const sharedMemory = '/dev/shm';

function judgePlace(path: string, facts: PlaceFacts, { slots, available }: BoxesNeeds): string | null {
  if (facts.isOnRoot) return `${path} lies on the filesystem of /, which a job could fill`;
  if (path === sharedMemory && !facts.isTmpfs) return `${path} is no tmpfs`;
  if (!facts.isOpen) return `${path} cannot be written by this user, or not be reached by others`;
  const perSlot = Math.floor(facts.bytes / slots);
  const tooLarge = available
    .filter(({ profile }) => profile.defaults.diskBytes > perSlot)
    .toSorted((one, other) => other.profile.defaults.diskBytes - one.profile.defaults.diskBytes)[0]?.profile;
  if (tooLarge === undefined) return null;
  const { diskBytes } = tooLarge.defaults;
  return (
    `${path} has ${facts.bytes} bytes for ${slots} slots, ${perSlot} for each, ` +
    `and jobs of profile ${tooLarge.name} get ${diskBytes} by default, so that it must have ${diskBytes * slots}`
  );
}

const tmpfsMagic = 0x0102_1994;

/** Asks this process's host. Programs of `restricted` jails have its own user; those of others must reach the place as users of their own. */
export function readPlace(path: string, mode: JailMode): PlaceFacts | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory() !== true) return null;
  const { type, bsize, blocks } = statfsSync(path);
  return {
    bytes: bsize * blocks,
    isTmpfs: type === tmpfsMagic,
    isOnRoot: stats.dev === statSync('/').dev,
    isOpen: isWritable(path) && (mode === 'restricted' || isReachable(path)),
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
