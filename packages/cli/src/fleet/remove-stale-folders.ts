import { lstatSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Removes the folders `bullpen-redis-PID-...` below `parent` whose process has ended without removing them. Only our own, and for root
 * those of users that no account names, as our workers are.
 */
export function removeStaleFolders(parent: string): void {
  for (const name of namesIn(parent)) {
    const pid = Number(/^bullpen-redis-(\d+)-/.exec(name)?.[1] ?? 0);
    if (pid === 0 || isAlive(pid)) continue;
    const folder = join(parent, name);
    try {
      const found = lstatSync(folder);
      if (!found.isDirectory() || !isOurs(found.uid) || isInUse(folder)) continue;
      rmSync(join(folder, 'redis.sock'), { force: true });
      rmdirSync(folder);
    } catch {
      // Somebody else removed it meanwhile, or it holds what is not ours.
    }
  }
}

/** None where nobody may look, or nothing is. */
function namesIn(parent: string): string[] {
  try {
    return readdirSync(parent);
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function isOurs(uid: number): boolean {
  if (uid === process.geteuid?.()) return true;
  return process.geteuid?.() === 0 && !readFileSync('/etc/passwd', 'utf8').includes(`:${uid}:`);
}

/** The server ends a moment after its starter. (One in another network namespace is not seen here.) */
function isInUse(folder: string): boolean {
  return readFileSync('/proc/net/unix', 'utf8').includes(join(folder, 'redis.sock'));
}
