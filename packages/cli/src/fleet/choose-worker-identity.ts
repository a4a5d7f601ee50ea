import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Above what distributions and containers hand out; without room for that in this user namespace, above its accounts. */
const quietRange = { lowest: 1_879_048_192, highest: 2_147_483_646 };
const lowestAllowed = 3000;

/** The user that our workers become when we are root, so that their private Redis can be theirs; null when we are not root. */
export function chooseWorkerIdentity(): { readonly uid: number; readonly gid: number } | null {
  if (process.geteuid?.() !== 0) return null;
  const uid = chooseUid(readFileSync('/proc/self/uid_map', 'utf8'), readFileSync('/etc/passwd', 'utf8'));
  return { uid, gid: uid };
}

/** Any UID that this user namespace has and no account names. `uidMap` has lines of first ID inside, first outside, count. */
export function chooseUid(uidMap: string, accounts: string): number {
  const ends = uidMap
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([inside = 0, , count = 0]) => inside + count);
  const end = Math.min(Math.max(...ends), quietRange.highest);
  const lowest = end > quietRange.lowest + 1000 ? quietRange.lowest : lowestAllowed;
  if (end <= lowest)
    throw new Error(
      `This user namespace has UIDs below ${end} only: give the container UIDs from ${lowestAllowed} on.`,
    );
  for (;;) {
    const uid = randomInt(lowest, end);
    if (!accounts.includes(`:${uid}:`)) return uid;
  }
}
