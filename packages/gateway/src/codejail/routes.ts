import { Hono } from 'hono';
import type { GatewayEnvironment } from '../http/environment.ts';
import { placeOf } from '../http/meter.ts';
import { answerCall, type CallSettings } from './answer-call.ts';
import { jsonReply, methodNotAllowed } from './reply.ts';

/** Where calls go. */
export const codeExec = '/api/v0/code-exec';

/** What OPTIONS tells of the endpoint, as Django REST framework does. */
const metadata = {
  name: 'Code Exec',
  description: 'Runs Python code in a jail.',
  renders: ['application/json'],
  parses: ['application/x-www-form-urlencoded', 'multipart/form-data'],
};

/** The paths of codejail-service. Without a slash `/health` leads to the page with one; code-exec with one is nowhere. */
export function codejailRoutes(settings: CallSettings): Hono<GatewayEnvironment> {
  const app = new Hono<GatewayEnvironment>();
  app.all('/health', (c) => c.body(null, 301, { location: `/health/${queryOf(c.req.url)}` }));
  app.all('/health/', () =>
    settings.safety.isAvailable ? jsonReply(200, '{"status": "OK"}') : jsonReply(503, '{"status": "UNAVAILABLE"}'),
  );
  app.post(codeExec, (c) => answerCall(settings, c.req.raw, { caller: c.get('caller'), place: placeOf(c) }));
  app.options(codeExec, () => jsonReply(200, JSON.stringify(metadata), { allow: 'POST, OPTIONS' }));
  app.all(codeExec, (c) => methodNotAllowed(c.req.method));
  return app;
}

function queryOf(url: string): string {
  const mark = url.indexOf('?');
  return mark === -1 ? '' : url.slice(mark);
}
