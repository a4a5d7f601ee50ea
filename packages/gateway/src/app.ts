import { Hono } from 'hono';
import { createRateLimiter } from './keys/rate-limiter.ts';
import type { DoorContext } from './door-context.ts';
import type { GatewayEnvironment } from './http/environment.ts';
import { type Access, guard } from './http/guard.ts';
import { observe } from './http/observe.ts';
import { Problem, problemOf, renderProblem } from './http/problem.ts';
import { type BodyLimits, receiveBody } from './http/receive-body.ts';
import { createMetrics } from './metrics.ts';

export interface AppOptions {
  readonly access: Access;
  readonly limits: BodyLimits;
  /** False while the gateway must get no more requests: it is stopping, or Redis is away. */
  isReady(): Promise<boolean>;
}

/** The gateway without its sockets: everything that answers a request, in the order in which a request meets it. */
export function createApp(context: DoorContext, { access, limits, isReady }: AppOptions): Hono<GatewayEnvironment> {
  const { logger } = context;
  const metrics = createMetrics();
  const app = new Hono<GatewayEnvironment>();
  app.onError((error) => {
    const problem = problemOf(error);
    if (problem.code === 'internal') logger.error({ err: error }, 'request failed');
    return renderProblem(problem);
  });
  app.notFound((c) => renderProblem(new Problem('not-found', `Nothing is at ${c.req.path}: see /docs.`)));

  app.use(observe(logger, metrics));
  app.use(guard({ access, limiter: createRateLimiter() }));
  app.use(receiveBody(limits));

  app.get('/live', (c) => c.text('OK\n'));
  app.get('/ready', async (c) => ((await isReady()) ? c.text('OK\n') : c.text('UNAVAILABLE\n', 503)));
  app.get('/metrics', async (c) => c.body(await metrics.render(), 200, { 'content-type': metrics.contentType }));
  return app;
}
