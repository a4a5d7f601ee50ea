import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Where a Redis server's program is: `redis-server` or `valkey-server` in the search path, else the one that the bootstrap
 * unpacked into `.tools/redis`. Throws a sentence when there is none.
 */
export function findRedisServer(searchPath: string, checkout: string): string {
  const inPath = searchPath
    .split(delimiter)
    .filter((folder) => folder.startsWith('/'))
    .flatMap((folder) => [join(folder, 'redis-server'), join(folder, 'valkey-server')]);
  const found = [...inPath, join(checkout, '.tools/redis/redis-server')].find(isExecutable);
  if (found === undefined) {
    throw new Error(
      'No Redis was found: install redis-server or valkey-server (Debian: apt-get install redis-server), or name a running one with --redis URL or REDIS_URL.',
    );
  }
  return found;
}

/** Whether this user may execute the file. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // absent or out of reach: the next candidate
  }
}
