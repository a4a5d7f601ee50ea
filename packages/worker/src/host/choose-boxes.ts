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
 * operator's, else the parent of the run directory, else /dev/shm. The slots share it, but for those that have a filesystem of their own below,
 * at `PLACE/NUMBER`. Throws a sentence that says what is wrong with each of the places.
 */
export function chooseBoxes(needs: BoxesNeeds): BoxesPlace {
  const problems: string[] = [];
  for (const path of needs.asked === null ? [needs.runDirParent, sharedMemory] : [needs.asked]) {
    const shares = findShares(path, needs);
    const ofPath = shares.map((share) => judgeShare(share, needs.available)).filter((problem) => problem !== null);
    if (shares.length === 0) problems.push(`${path} is no directory`);
    else if (ofPath.length === 0) return { path, bytesPerSlot: Math.min(...shares.map(bytesPerSlot)) };
    problems.push(...ofPath);
  }
  throw new Error(
    `There is no place for the boxes of jails, where their programs write: ${problems.join('; ')}. Remedy: ${remedy}.`,
  );
}

const sharedMemory = '/dev/shm';

/** A filesystem, and how many slots have their boxes there. */
interface Share {
  readonly path: string;
  readonly facts: PlaceFacts;
  readonly slots: number;
}

const bytesPerSlot = ({ facts, slots }: Share): number => Math.floor(facts.bytes / slots);

/** None when nothing is at `path`. */
function findShares(path: string, { slots, readPlace }: BoxesNeeds): readonly Share[] {
  const facts = readPlace(path);
  if (facts === null) return [];
  const own: Share[] = [];
  for (let slot = 0; slot < slots; slot += 1) {
    const ownFacts = readPlace(`${path}/${slot}`);
    if (ownFacts !== null && ownFacts.device !== facts.device) {
      own.push({ path: `${path}/${slot}`, facts: ownFacts, slots: 1 });
    }
  }
  return own.length === slots ? own : [{ path, facts, slots: slots - own.length }, ...own];
}

function judgeShare(share: Share, available: readonly ResolvedProfile[]): string | null {
  const { path, facts, slots } = share;
  if (facts.isOnRoot) return `${path} lies on the filesystem of /, which a job could fill`;
  if (path === sharedMemory && !facts.isTmpfs) return `${path} is no tmpfs`;
  if (!facts.isOpen) return `${path} cannot be written by this user, or not be reached by others`;
  if (facts.isOurs) return `${path} belongs to the user that the worker shares with its programs, who could close it`;
  const compiler = available.find(({ profile }) => profile.confinement.executeWritten)?.profile;
  if (facts.isNoExec && compiler !== undefined) {
    return `${path} is mounted with noexec, and jobs of profile ${compiler.name} run what they wrote`;
  }
  const perSlot = bytesPerSlot(share);
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
