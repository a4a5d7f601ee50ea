import type { Closers } from '../closers.ts';
import type { WorkerConfig } from '../config.ts';
import type { Logger } from '../log.ts';
import type { StateHolder } from '../worker-state.ts';
import type { Gate } from './gate.ts';
import { serveHealth } from './serve-health.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

export interface HealthParts {
  readonly state: StateHolder;
  readonly gate: Gate;
  readonly metrics: WorkerMetrics;
  readonly logger: Logger;
  readonly closers: Closers;
}

/** Answers from before the slots are proven until everything else is closed; not at all without a port. */
export async function openHealth(config: WorkerConfig, parts: HealthParts): Promise<void> {
  const { state, gate, metrics, logger, closers } = parts;
  if (config.healthPort === null) return;
  const source = {
    get state() {
      return state.state;
    },
    get reasons() {
      return gate.reasons;
    },
    collectMetrics: (isReady: boolean) => metrics.collect(isReady),
  };
  const server = await serveHealth({ host: config.healthHost, port: config.healthPort, source });
  closers.push(() => server.close());
  logger.info({ host: config.healthHost, port: server.port }, 'health endpoint listens');
}
