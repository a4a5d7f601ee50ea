import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What the gateway counts, in a registry of its own. */
export interface GatewayMetrics {
  request(answer: {
    readonly route: string;
    readonly method: string;
    readonly status: number;
    readonly seconds: number;
  }): void;
  /** Something that is asked for its value when the metrics are read. */
  watch(name: string, help: string, read: () => number): void;
  render(): Promise<string>;
  readonly contentType: string;
}

/** Around what one Python hello takes, and up to a minute of waiting. */
const buckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export function createMetrics(): GatewayMetrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: 'bullpen_http_requests_total',
    help: 'Requests answered, by route, method and status.',
    labelNames: ['route', 'method', 'status'],
    registers,
  });
  const durations = new Histogram({
    name: 'bullpen_http_request_duration_seconds',
    help: 'From the head of a request to the head of its answer.',
    labelNames: ['route'],
    buckets,
    registers,
  });
  return {
    request({ route, method, status, seconds }) {
      requests.inc({ route, method, status: String(status) });
      durations.observe({ route }, seconds);
    },
    watch(name, help, read) {
      const gauge: Gauge = new Gauge({ name, help, registers, collect: () => gauge.set(read()) });
    },
    render: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
