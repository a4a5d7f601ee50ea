import type { JailLayer } from '@bullpen/jailer';
import type { WorkerConfig } from '../config.ts';
import type { WorkerMetrics } from '../health/worker-metrics.ts';
import type { PreparedHost } from '../host/prepare-host.ts';
import type { WorkerFacts } from '../job/make-receipt.ts';
import type { Logger } from '../log.ts';
import type { RedisConnection } from '../redis/connect.ts';
import { supposeLayers } from '../redis/keep-roster.ts';
import { createProfileLayers } from './profile-layers.ts';
import { createResultCache, type ResultCache } from './result-cache.ts';

export interface OpenCacheParts {
  readonly host: Pick<PreparedHost, 'mode' | 'profiles' | 'apparmor'>;
  readonly worker: Pick<WorkerFacts, 'jailerVersion' | 'kernel'>;
  /** What was measured in a jail. */
  readonly layers: readonly JailLayer[];
  readonly redis: RedisConnection;
  readonly metrics: Pick<WorkerMetrics, 'countCache'>;
  readonly logger: Logger;
}

/** The worker's result cache; null when its operator wants none. */
export function openCache(config: WorkerConfig, parts: OpenCacheParts): ResultCache | null {
  const { host, worker, layers, redis, metrics, logger } = parts;
  if (config.cacheAgeMs === 0) return null;
  const profiles = host.profiles.available.map(({ profile }) => profile.name);
  return createResultCache({
    redis,
    names: config,
    floor: config.floor,
    ageMs: config.cacheAgeMs,
    bytesMax: config.cacheBytes,
    totalBytesMax: config.cacheTotalBytes,
    facts: {
      jailer: worker.jailerVersion,
      kernel: worker.kernel,
      architecture: process.arch,
      mode: host.mode,
    },
    layers: createProfileLayers(supposeLayers(layers, profiles, host.apparmor.names)),
    count: (event) => metrics.countCache(event),
    onError: (error) => logger.warn({ err: error }, 'result cache error'),
  });
}
