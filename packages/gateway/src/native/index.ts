import { OpenAPIHono, type RouteConfig } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import type { GatewayEnvironment } from '../http/environment.ts';
import { refuseOtherMethods } from '../http/refuse-other-methods.ts';
import { serveDocs } from './docs-page.ts';
import { followJob } from './follow-job.ts';
import { listProfiles } from './list-profiles.ts';
import type { NativeContext } from './native-context.ts';
import { makeOpenApi } from './openapi.ts';
import { cancelJob, readJob, readResult } from './read-job.ts';
import { cancelRoute, eventsRoute, profilesRoute, readRoute, resultRoute, submitRoute } from './routes.ts';
import { submitJob } from './submit-job.ts';

export type { NativeContext } from './native-context.ts';

/** What is said of a job is true for a moment, and some statuses are kept by caches unless they are told otherwise. */
const keepOutOfCaches: MiddlewareHandler<GatewayEnvironment> = async (c, next) => {
  await next();
  c.header('cache-control', 'no-store');
};

type Handler = (c: Context<GatewayEnvironment>) => Promise<Response>;

/** The gateway's own API: `/v1`, its OpenAPI document and a page that shows it. */
export function nativeDoor(context: NativeContext): OpenAPIHono<GatewayEnvironment> {
  const app = new OpenAPIHono<GatewayEnvironment>();
  app.use('/v1/*', keepOutOfCaches);
  const routes: readonly (readonly [RouteConfig & { getRoutingPath(): string }, Handler])[] = [
    [submitRoute, submitJob(context)],
    [readRoute, readJob(context)],
    [resultRoute, readResult(context)],
    [eventsRoute, followJob(context)],
    [cancelRoute, cancelJob(context)],
    [profilesRoute, listProfiles(context)],
  ];
  for (const [route, handle] of routes) {
    // Documented here, and checked by the handlers themselves: the protocol's own parser says what is wrong in one sentence.
    app.openAPIRegistry.registerPath(route);
    app.on(route.method.toUpperCase(), route.getRoutingPath(), handle);
  }
  for (const [path, same] of Map.groupBy(routes, ([route]) => route.getRoutingPath())) {
    const methods = same.map(([{ method }]) => method.toUpperCase());
    refuseOtherMethods(app, path, methods);
  }
  const document = makeOpenApi(app);
  const text = JSON.stringify(document);
  app.get('/openapi.json', (c) => c.body(text, 200, { 'content-type': 'application/json' }));
  app.get('/docs', serveDocs(document));
  for (const path of ['/openapi.json', '/docs']) refuseOtherMethods(app, path, ['GET']);
  return app;
}
