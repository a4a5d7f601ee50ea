import type { CliConfig } from '../config.ts';
import { UsageError } from '../usage-error.ts';
import { chooseRedis } from './parse-redis-target.ts';
import { readFleetState } from './state-file.ts';

/** The Redis of a running fleet: what `--redis` or `REDIS_URL` names, else what this user's `up` noted. Throws a UsageError without any. */
export function findFleet(option: string | undefined, config: CliConfig): string {
  const redis = chooseRedis(option, config) ?? readFleetState(config.stateDir)?.redis;
  if (redis === undefined) {
    throw new UsageError(
      'No fleet is running: start one with `bullpen up`, or name its Redis with --redis URL or REDIS_URL.',
    );
  }
  return redis;
}
