import type { JailLayer } from '@bullpen/jailer';
import type { Closers } from './closers.ts';
import type { WorkerConfig } from './config.ts';
import type { PreparedHost } from './host/prepare-host.ts';
import type { Logger } from './log.ts';
import { findMissing, isDefaultFloor } from './probes/floor.ts';
import type { RedisConnection } from './redis/connect.ts';
import { keepRoster, type LayersByProfile, type Roster, supposeLayers } from './redis/keep-roster.ts';
import type { Outlasting } from './redis/outlast.ts';

export interface RosterParts {
  readonly host: PreparedHost;
  /** What was measured in a jail. */
  readonly layers: readonly JailLayer[];
  readonly redis: RedisConnection;
  readonly outlasting: Pick<Outlasting, 'note'>;
  readonly logger: Logger;
  readonly closers: Closers;
}

/** Only who takes jobs is counted on by the others. */
export async function joinRoster(config: WorkerConfig, parts: RosterParts): Promise<Roster> {
  const { host, layers, redis, outlasting, logger, closers } = parts;
  const profiles = host.profiles.available.map(({ profile }) => profile.name);
  const roster = await keepRoster({
    redis,
    names: config,
    workerId: config.workerId,
    layers: isEnabled(config) ? aboveFloor(config, supposeLayers(layers, profiles, host.apparmor.names)) : {},
    ttlMs: config.lockDurationMs * 3,
    onError(error) {
      if (!outlasting.note(error)) logger.warn({ err: error }, 'roster error');
    },
  });
  closers.push(() => roster.close());
  return roster;
}

function aboveFloor({ floor }: WorkerConfig, layers: LayersByProfile): LayersByProfile {
  const isAbove = (names: readonly string[]): boolean =>
    findMissing(
      floor,
      names.map((name) => ({ name })),
    ) === null;
  return Object.fromEntries(Object.entries(layers).filter(([_profile, names]) => isAbove(names)));
}

/** An operator who changes the floor says once more that jobs may run on it. */
export function isEnabled({ enabled, floor }: WorkerConfig): boolean {
  return enabled ?? isDefaultFloor(floor);
}
