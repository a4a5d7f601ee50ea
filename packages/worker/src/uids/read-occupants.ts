import { readdirSync, readFileSync } from 'node:fs';

/** A process that has one of the UIDs that were asked about. */
export interface UidOccupant {
  readonly uid: number;
  readonly pid: number;
}

/** The processes whose real, effective, saved or file-system user is one of these. Only those of this PID namespace can be seen. */
export function readOccupants(uids: readonly number[]): UidOccupant[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      const its = readUsers(entry);
      const uid = uids.find((each) => its.has(each));
      return uid === undefined ? [] : [{ uid, pid: Number(entry) }];
    });
}

function readUsers(pid: string): ReadonlySet<number> {
  try {
    const [, users = ''] = /^Uid:\s*(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return new Set(users.split('\t').map(Number));
  } catch {
    return new Set(); // it has ended meanwhile
  }
}
