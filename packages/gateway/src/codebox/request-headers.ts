import { randomBytes } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import type { GatewayEnvironment } from '../http/environment.ts';
import { renderPythonFloat } from './python-float.ts';

/** The two headers that codebox adds to its answers: a name for the request, and the seconds that it took. */
export function requestHeaders(): MiddlewareHandler<GatewayEnvironment> {
  return async (c, next) => {
    const beganAtMs = performance.now();
    await next();
    c.header('x-request-id', randomBytes(9).toString('base64url'));
    c.header('x-processed-time', renderPythonFloat(Math.round((performance.now() - beganAtMs) * 1000) / 1_000_000));
  };
}
