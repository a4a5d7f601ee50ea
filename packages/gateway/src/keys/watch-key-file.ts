import { unwatchFile, watchFile } from 'node:fs';
import type { Logger } from 'pino';
import { readKeyFile } from './key-file.ts';
import type { KeyRing } from './key-ring.ts';

/** How soon a key that was revoked stops working. */
const intervalMs = 1000;

/**
 * Takes the file's keys again whenever it changes. A file that became unreadable leaves the keys as they were, and says so: half an edit must not
 * lock everybody out.
 */
export function watchKeyFile(path: string, ring: KeyRing, logger: Logger): { reload(): void; close(): void } {
  const reload = (): void => {
    try {
      const keys = readKeyFile(path);
      ring.replace(keys);
      logger.info({ keys: keys.length }, 'keys read');
    } catch (error) {
      logger.error({ err: error }, 'keys not read: the earlier ones stay');
    }
  };
  watchFile(path, { interval: intervalMs, persistent: false }, reload);
  return { reload, close: () => unwatchFile(path, reload) };
}
