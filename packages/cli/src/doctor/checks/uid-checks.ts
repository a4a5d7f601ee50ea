import type { HostFacts } from '../facts/host-facts.ts';
import { check } from '../finding.ts';

const otherUids = 'choose another BULLPEN_SLOT_UID_BASE (`bullpen uids pick`), or leave it to the worker';

export const uidChecks = [
  check('uid-locks', ({ jail, locks: { directory, found, jailerUid } }) => {
    if (jail.mode === 'userns') return ['ok', 'Workers of ordinary users with namespaces lock no UIDs.'];
    if (found === null) return ['ok', `The first jailer makes ${directory}.`];
    const problem = describeUnsafe(found, jailerUid);
    if (problem === null) return ['ok', `${directory} is the jailer's alone.`];
    return ['fault', `The directory of UID locks ${directory} ${problem}: remove it, and let the jailer make its own.`];
  }),

  check('uid-lock-left', ({ locks: { directory, locks } }) => {
    const left = (locks ?? []).filter(({ isHeld }) => !isHeld).map(({ uid }) => uid);
    if (left.length === 0) return ['ok', 'No killed jailer has left a lock.'];
    return [
      'note',
      `A killed jailer has left locks of the UIDs ${left.join(', ')} in ${directory}: the next one removes them.`,
    ];
  }),

  check('uid-locked', ({ uids: { pinned }, locks: { locks } }) => {
    const held = new Set((locks ?? []).flatMap(({ uid, isHeld }) => (isHeld ? [uid] : [])));
    const taken = pinned.filter((uid) => held.has(uid));
    if (taken.length === 0) return ['ok', 'No other worker of this host has locked the UIDs of the slots.'];
    return ['fault', `The UIDs ${taken.join(', ')} are locked by another worker of this host: ${otherUids}.`];
  }),

  check('uid-in-use', ({ uids: { occupants } }) => {
    const [first] = occupants;
    if (first === undefined) return ['ok', 'No process has a UID of the slots.'];
    const pids = occupants.map(({ uid, pid }) => `pid ${pid} has UID ${uid}`).join(', ');
    return ['fault', `Processes that no slot started have UIDs of the slots (${pids}): end them, or ${otherUids}.`];
  }),

  check('uid-lease', ({ uids: { pinned, leases } }) => {
    const [lease] = (leases ?? []).toSorted(
      (one, other) => Number(one.runsOutInMs !== null) - Number(other.runsOutInMs !== null),
    );
    if (lease === undefined) return ['ok', describeNoLease(pinned, leases)];
    const { uid, worker, runsOutInMs } = lease;
    if (runsOutInMs === null) {
      return [
        'fault',
        `UID ${uid} is leased to worker ${worker} for ever, which no worker asks for: delete the key of the lease, or ${otherUids}.`,
      ];
    }
    return [
      'note',
      `UID ${uid} is leased to worker ${worker}: if that one has died, the lease runs out in ${Math.ceil(runsOutInMs / 1000)} s and is taken over; if it lives, ${otherUids}.`,
    ];
  }),
] as const;

function describeUnsafe(found: NonNullable<HostFacts['locks']['found']>, jailerUid: number): string | null {
  if (found.kind !== 'directory') return 'is no directory';
  if (found.uid !== jailerUid) return `belongs to user ${found.uid} instead of the jailer's user ${jailerUid}`;
  if ((found.mode & 0o022) !== 0)
    return `may be written by others (mode ${(found.mode & 0o7777).toString(8).padStart(4, '0')})`;
  return null;
}

function describeNoLease(pinned: readonly number[], leases: readonly unknown[] | null): string {
  if (pinned.length === 0) return 'Workers choose UIDs that nobody has leased.';
  return leases === null ? 'No Redis was asked for leases of the UIDs.' : 'Nobody has leased the UIDs of the slots.';
}
