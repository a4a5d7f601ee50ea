import type { Context, MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Logger } from 'pino';
import type { GatewayMetrics } from '../metrics.ts';
import type { GatewayEnvironment } from './environment.ts';

const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** One line of log and one count for each request, when its answer is decided; never its body, its query or its key. */
export function observe(logger: Logger, metrics: GatewayMetrics): MiddlewareHandler<GatewayEnvironment> {
  return async (c, next) => {
    const startedAtMs = performance.now();
    await next();
    const ms = performance.now() - startedAtMs;
    c.header('x-content-type-options', 'nosniff');
    const { status } = c.res;
    const method = knownMethods.has(c.req.method) ? c.req.method : 'other';
    const route = routeOf(c);
    metrics.request({ route, method, status, seconds: ms / 1000 });
    const line = { method, route, status, ms: Math.round(ms * 10) / 10, key: c.get('caller')?.name ?? null };
    if (status >= 500) logger.warn(line, 'request');
    else logger.info(line, 'request');
  };
}

/** The pattern that the path matched, so that ids do not become names of series; `none` where only middleware did. */
function routeOf(c: Context): string {
  const pattern = routePath(c, -1);
  return pattern.includes('*') ? 'none' : pattern;
}
