import { readdirSync, readFileSync } from 'node:fs';

export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Gives up root for good: no groups, the given GID and UID, no way back. Throws when any thread kept anything; the caller must then
 * end the process. All code must have been imported before: the sources may lie where only root can read.
 */
export function dropPrivileges(identity: Identity): void {
  if (process.setgroups === undefined || process.setgid === undefined || process.setuid === undefined) {
    throw new Error('Privileges can only be dropped on a POSIX system.');
  }
  // The order matters: without root, neither groups nor the GID could be changed any more.
  process.setgroups([]);
  process.setgid(identity.gid);
  process.setuid(identity.uid);
  assertCannotReturn(process.setuid.bind(process), 'user');
  assertCannotReturn(process.setgid.bind(process), 'group');
  for (const thread of readdirSync('/proc/self/task')) assertUnprivileged(readStatus(thread), identity);
}

function assertCannotReturn(set: (id: number) => void, kind: string): void {
  try {
    set(0);
  } catch {
    return; // EPERM, as it must be
  }
  throw new Error(`After dropping privileges the worker could still become root's ${kind}: refusing to run.`);
}

/** A thread may end while we look; then there is nothing left to check. */
function readStatus(thread: string): string | null {
  try {
    return readFileSync(`/proc/self/task/${thread}/status`, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ESRCH')
      return null;
    throw error;
  }
}

/** Throws unless this text of `/proc/self/task/N/status` shows only the identity, no groups and no capability. */
export function assertUnprivileged(status: string | null, identity: Identity): void {
  if (status === null) return;
  const field = (name: string): string =>
    new RegExp(`^${name}:[\\t ]*(.*)$`, 'm').exec(status)?.[1]?.trim() ?? 'missing';
  const all = (id: number): string => Array.from({ length: 4 }, () => id).join('\t');
  const expected = {
    Uid: all(identity.uid),
    Gid: all(identity.gid),
    Groups: '',
    CapPrm: noCapability,
    CapEff: noCapability,
    CapAmb: noCapability,
  };
  for (const [name, value] of Object.entries(expected)) {
    if (field(name) !== value) {
      throw new Error(
        `After dropping privileges a thread of the worker has ${name} "${field(name)}" instead of "${value}": refusing to run.`,
      );
    }
  }
}

const noCapability = '0000000000000000';
