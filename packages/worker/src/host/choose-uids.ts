import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * Above every range that distributions, containers and subordinate IDs are given (systemd documents those up to 1879048191), and
 * below the signed 32-bit limit that some programs still have.
 */
const quietRange = { lowest: 1_879_048_192, highest: 2_147_483_646 };
const lowestAllowed = 3000;

export interface HostIds {
  /** UIDs and GIDs that an account, a group or a running process of this host has. */
  readonly taken: ReadonlySet<number>;
  /** The largest ID that exists in this process's user namespace. */
  readonly largest: number;
}

/** Reads which IDs this host uses. */
export function readHostIds(): HostIds {
  const taken = new Set<number>();
  for (const file of ['/etc/passwd', '/etc/group']) collectAccountIds(readTextOrEmpty(file), taken);
  for (const entry of readdirSync('/proc')) {
    if (/^\d+$/.test(entry)) collectProcessIds(readTextOrEmpty(`/proc/${entry}/status`), taken);
  }
  return { taken, largest: parseLargestId(readTextOrEmpty('/proc/self/uid_map')) };
}

/** Field 3 of each line of passwd and of group is the ID; field 4 of passwd is the account's group. */
export function collectAccountIds(text: string, into: Set<number>): void {
  for (const line of text.split('\n')) {
    for (const field of line.split(':').slice(2, 4)) {
      if (/^\d+$/.test(field)) into.add(Number(field));
    }
  }
}

export function collectProcessIds(status: string, into: Set<number>): void {
  for (const match of status.matchAll(/^(?:Uid|Gid|Groups):[\t ]*(.*)$/gm)) {
    for (const word of match[1]?.split(/\s+/) ?? []) {
      if (word !== '') into.add(Number(word));
    }
  }
}

/** Columns of uid_map: first ID inside, first ID outside, how many follow. */
export function parseLargestId(uidMap: string): number {
  const ends = uidMap
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([inside = 0, , count = 0]) => inside + count - 1);
  return Math.max(...ends, 0);
}

/**
 * Picks `count` consecutive IDs that the host does not use, at a random place.
 * Throws when this user namespace has no room for them.
 */
export function chooseIdRange(count: number, host: HostIds, also: ReadonlySet<number> = new Set()): number {
  const roomy = host.largest >= quietRange.lowest + count;
  const lowest = roomy ? quietRange.lowest : lowestAllowed;
  const highest = Math.min(roomy ? quietRange.highest : host.largest, quietRange.highest) - count + 1;
  for (let attempt = 0; attempt < 1000 && highest > lowest; attempt += 1) {
    const base = randomInt(lowest, highest);
    if (isFree(base, count, host.taken) && isFree(base, count, also)) return base;
  }
  throw new Error(
    `No ${count} unused UIDs in a row were found from ${lowestAllowed} to ${host.largest}: give this container a larger range of user IDs.`,
  );
}

function isFree(base: number, count: number, taken: ReadonlySet<number>): boolean {
  for (let id = base; id < base + count; id += 1) if (taken.has(id)) return false;
  return true;
}

function readTextOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // the process has ended meanwhile, or a minimal image lacks the file
  }
}
