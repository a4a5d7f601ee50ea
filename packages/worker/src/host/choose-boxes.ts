import type { ResolvedProfile } from '@bullpen/profiles';
import type { PlaceFacts } from './read-place.ts';

/** Where the jails of a worker without mounts have their boxes. */
export interface BoxesPlace {
  readonly path: string;
  /** What each slot may fill of it. */
  readonly bytesPerSlot: number;
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
  'mount a tmpfs with a size for it (in Kubernetes an emptyDir with medium Memory and a sizeLimit, in Docker --tmpfs /boxes:exec,size=1g,mode=1777) and name it by boxes (BULLPEN_BOXES)';

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
  if (facts.isOurs) return `${path} belongs to the user that the worker shares with its programs, who could close it`;
  const compiler = available.find(({ profile }) => profile.confinement.executeWritten)?.profile;
  if (facts.isNoExec && compiler !== undefined) {
    return `${path} is mounted with noexec, and jobs of profile ${compiler.name} run what they wrote`;
  }
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
