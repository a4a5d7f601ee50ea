import { unwatchFile, watchFile } from 'node:fs';
import type { Logger } from 'pino';
import { readKeyFile } from './key-file.ts';
import type { KeyRing } from './key-ring.ts';

/** How soon a key that was revoked stops working. */
const intervalMs = 1000;
/** How long a file that cannot be read leaves the keys as they were: long enough for an edit, not for a revocation that is never heard of. */
const unreadableMs = 60_000;

export interface KeyFileWatch {
  reload(): void;
  close(): void;
}

/**
 * Takes the file's keys again whenever it changes. One that became unreadable leaves the keys as they were for a minute; then there are none.
 */
export function watchKeyFile(path: string, ring: KeyRing, logger: Logger, graceMs = unreadableMs): KeyFileWatch {
  let losing: NodeJS.Timeout | null = null;

  function keep(): void {
    if (losing !== null) clearTimeout(losing);
    losing = null;
  }

  function lose(): void {
    ring.replace([]);
    logger.error({ path }, 'no keys: their file cannot be read');
  }

  function reload(): void {
    try {
      const keys = readKeyFile(path);
      keep();
      ring.replace(keys);
      logger.info({ keys: keys.length }, 'keys read');
    } catch (error) {
      logger.error({ err: error }, 'keys not read: the earlier ones stay for a minute');
      losing ??= setTimeout(lose, graceMs).unref();
    }
  }

  watchFile(path, { interval: intervalMs, persistent: false }, reload);
  return {
    reload,
    close() {
      unwatchFile(path, reload);
      keep();
    },
  };
}
