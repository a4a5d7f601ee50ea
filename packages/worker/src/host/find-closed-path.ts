import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * The first path that a user without any rights of its own may not pass or read on the way to `path`, itself included; null when the way is
 * open. Jails with the host's paths reach their toolchains on this way.
 */
export function findClosedPath(path: string): string | null {
  const ancestors: string[] = [];
  for (let current = path; current !== dirname(current); current = dirname(current)) ancestors.unshift(current);
  return ancestors.find((ancestor) => !isOpen(ancestor, ancestor === path)) ?? null;
}

const readable = 0o004;
const passable = 0o001;

function isOpen(path: string, isEnd: boolean): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return false;
  const needed = (stats.isDirectory() ? passable : 0) | (isEnd ? readable : 0);
  return (stats.mode & needed) === needed;
}
