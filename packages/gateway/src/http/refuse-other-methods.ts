import type { Env, Hono } from 'hono';
import { Problem } from './problem.ts';

/** Answers what comes with another method than these with a Problem `method-not-allowed`. To be called behind the routes of the path. */
export function refuseOtherMethods<E extends Env>(app: Hono<E>, path: string, methods: readonly string[]): void {
  // Whatever answers GET answers HEAD.
  const allow = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
  app.all(path, (c) => {
    throw new Problem('method-not-allowed', `${c.req.path} takes ${allow}.`, { headers: { allow } });
  });
}
