import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { uidLockDirectory, type WorkerConfig } from '@bullpen/worker';
import { readProgram } from '../../child-process.ts';
import type { LockDirectoryFacts } from './host-facts.ts';

/** The directory of UID locks, and which of its locks are held. */
export async function readLockFacts(
  config: Pick<WorkerConfig, 'uidLockDir'>,
  jailerUid: number,
): Promise<LockDirectoryFacts> {
  const directory = uidLockDirectory(config, jailerUid);
  const stats = lstatSync(directory, { throwIfNoEntry: false });
  if (stats === undefined) return { directory, found: null, jailerUid, locks: [] };
  const kind = stats.isDirectory() ? 'directory' : 'other';
  return {
    directory,
    found: { kind, uid: stats.uid, mode: stats.mode & 0o7777 },
    jailerUid,
    locks: await readLocks(directory),
  };
}

async function readLocks(directory: string): Promise<LockDirectoryFacts['locks']> {
  let names: readonly string[];
  try {
    names = readdirSync(directory).filter((name) => /^\d+$/.test(name));
  } catch {
    return null; // no directory, or its owner's alone
  }
  return Promise.all(names.map(async (name) => ({ uid: Number(name), isHeld: await isHeld(join(directory, name)) })));
}

/** Tries to get the lock, for a moment: a jailer that wants it meanwhile tries again. What cannot be tried counts as held. */
async function isHeld(file: string): Promise<boolean> {
  try {
    await readProgram('flock', ['-n', '-x', file, 'true'], 5000);
    return false;
  } catch {
    return true;
  }
}
