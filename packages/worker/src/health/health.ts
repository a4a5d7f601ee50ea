import type { WorkerState } from '../worker-state.ts';

/** What the health endpoint asks of a worker. */
export interface HealthSource {
  readonly state: WorkerState;
  /** Whether nothing keeps the worker from running jobs soundly. */
  readonly isSound: boolean;
}

export interface HealthAnswer {
  readonly status: 200 | 503;
  readonly body: string;
}

const ok: HealthAnswer = { status: 200, body: 'OK\n' };
const unavailable: HealthAnswer = { status: 503, body: 'UNAVAILABLE\n' };

/**
 * Answers by path.
 *
 * - `/health/`, `/health`: jobs run here as they must; not before the slots are proven, nor after a failed probe.
 * - `/ready`: it takes jobs now.
 * - `/live`: the process need not be replaced.
 */
export const healthRoutes: Readonly<Record<string, (source: HealthSource) => HealthAnswer>> = {
  '/health/': isHealthy,
  '/health': isHealthy,
  '/ready': ({ state, isSound }) => (state === 'ready' && isSound ? ok : unavailable),
  '/live': ({ state }) => (state === 'failed' || state === 'stopped' ? unavailable : ok),
};

function isHealthy({ state, isSound }: HealthSource): HealthAnswer {
  return (state === 'ready' || state === 'draining') && isSound ? ok : unavailable;
}
