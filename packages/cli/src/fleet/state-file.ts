import { chmodSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What `up` notes for `submit` and `result`: how to reach the fleet that it started. */
export interface FleetState {
  readonly redis: string;
  readonly pid: number;
  /** The user that root's other workers must become to reach the Redis; absent when any may. */
  readonly workerUid?: number | undefined;
}

/** Notes the state in a folder that only this user can look into. Throws a sentence when somebody else owns that folder, or it cannot be made. */
export function writeFleetState(folder: string, state: FleetState): void {
  makeFolder(folder);
  assertOwn(folder);
  chmodSync(folder, 0o700);
  writeFileSync(join(folder, 'fleet.json'), `${JSON.stringify(state)}\n`, { mode: 0o600 });
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const { code = 'an unknown error' } = cause as NodeJS.ErrnoException;
    throw new Error(
      `${folder}, where a fleet is noted for other commands, cannot be made (${code}): set XDG_RUNTIME_DIR to a folder of your own, or unset it.`,
      { cause },
    );
  }
}

/** The state of a running fleet of this user; null when there is none. A note that its writer could not remove counts as none. */
export function readFleetState(folder: string): FleetState | null {
  try {
    assertOwn(folder);
    const state = JSON.parse(readFileSync(join(folder, 'fleet.json'), 'utf8')) as FleetState;
    process.kill(state.pid, 0);
    return state;
  } catch {
    return null; // no note, not our own, unreadable, or its process has ended
  }
}

export function removeFleetState(folder: string): void {
  rmSync(join(folder, 'fleet.json'), { force: true });
}

/** The folder may lie in a temporary directory that everybody can write in: nobody else may have made it before us. */
function assertOwn(folder: string): void {
  const found = lstatSync(folder);
  if (!found.isDirectory())
    throw new Error(`${folder} is no folder: remove it, or set XDG_RUNTIME_DIR to a folder of your own.`);
  if (found.uid !== process.getuid?.()) {
    throw new Error(
      `${folder} belongs to user ${found.uid}: remove it, or set XDG_RUNTIME_DIR to a folder of your own.`,
    );
  }
}
