import type { CliConfig } from '../config.ts';
import { UsageError } from '../usage-error.ts';

/**
 * Checks what `--redis` or `REDIS_URL` says: a URL (redis:// or rediss://) or the absolute path of a unix socket.
 * Throws a UsageError that names `option` otherwise.
 */
export function parseRedisTarget(text: string, option: string): string {
  if (/^rediss?:\/\/[^\s/]+/.test(text) || text.startsWith('/')) return text;
  throw new UsageError(
    `${option} is ${JSON.stringify(text)}: write a URL such as redis://127.0.0.1:6379 or the absolute path of a unix socket.`,
  );
}

/** What `--redis` or else `REDIS_URL` names, checked; null when neither does. */
export function chooseRedis(option: string | undefined, config: CliConfig): string | null {
  if (option !== undefined) return parseRedisTarget(option, '--redis');
  return config.redisUrl === null ? null : parseRedisTarget(config.redisUrl, 'REDIS_URL');
}
