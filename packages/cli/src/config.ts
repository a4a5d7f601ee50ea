import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the command reads from its environment. Nothing else of the cli reads it. */
export interface CliConfig {
  /** `REDIS_URL`: the Redis to use unless `--redis` names another; null when unset. */
  readonly redisUrl: string | null;
  /** `PATH`, in which redis-server is looked for. */
  readonly searchPath: string;
  /** Where `up` notes what it started: below `XDG_RUNTIME_DIR`, else in a folder of this user below the temporary directory. */
  readonly stateDir: string;
  /** The whole environment, for the child processes that get it (the worker, the tests, the benchmarks). */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export function readCliConfig(environment: Record<string, string | undefined> = process.env): CliConfig {
  const runtimeDir = environment['XDG_RUNTIME_DIR'];
  return {
    redisUrl: nonEmpty(environment['REDIS_URL']),
    searchPath: environment['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    stateDir:
      nonEmpty(runtimeDir) === null
        ? join(tmpdir(), `bullpen-${process.getuid?.() ?? 0}`)
        : join(String(runtimeDir), 'bullpen'),
    environment,
  };
}

function nonEmpty(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}
