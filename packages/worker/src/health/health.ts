import type { WorkerState } from '../worker-state.ts';
import { type GateReason, gateReasons } from './gate.ts';
import { type Metric, metricsContentType, renderMetrics } from './render-metrics.ts';

/** What the health endpoint asks of a worker. */
export interface HealthSource {
  readonly state: WorkerState;
  /** What keeps the worker from running jobs soundly. */
  readonly reasons: readonly GateReason[];
  /** What it has counted; `isReady` is what `/ready` answers. */
  collectMetrics(isReady: boolean): readonly Metric[];
}

export interface HealthAnswer {
  readonly status: 200 | 503;
  readonly body: string;
  /** Plain text unless said. */
  readonly contentType?: string;
}

const ok: HealthAnswer = { status: 200, body: 'OK\n' };

/**
 * Answers by path.
 *
 * - `/health/`, `/health`: jobs run here as they must; not before the slots are proven, nor after a failed probe, nor where nobody enabled them.
 * - `/ready`: it takes jobs now.
 * - `/live`: the process need not be replaced.
 * - `/metrics`: what it has counted, for Prometheus.
 */
export const healthRoutes: Readonly<Record<string, (source: HealthSource) => HealthAnswer>> = {
  '/health/': tellHealth,
  '/health': tellHealth,
  '/ready': (source) => (isReady(source) ? ok : unavailable(source)),
  '/live': ({ state }) => (state === 'failed' || state === 'stopped' ? unavailable({ state, reasons: [] }) : ok),
  '/metrics': (source) => ({
    status: 200,
    body: renderMetrics(source.collectMetrics(isReady(source))),
    contentType: metricsContentType,
  }),
};

function tellHealth(source: HealthSource): HealthAnswer {
  const { state, reasons } = source;
  return (state === 'ready' || state === 'draining') && reasons.length === 0 ? ok : unavailable(source);
}

function isReady({ state, reasons }: HealthSource): boolean {
  return state === 'ready' && reasons.length === 0;
}

/** The first line is for machines, the others say why. */
function unavailable({ state, reasons }: Pick<HealthSource, 'state' | 'reasons'>): HealthAnswer {
  const why = reasons.length > 0 ? reasons.map((reason) => `${reason}: ${gateReasons[reason]}`) : [`state: ${state}`];
  return { status: 503, body: ['UNAVAILABLE', ...why, ''].join('\n') };
}
