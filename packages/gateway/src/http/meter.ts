import { randomUUID } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import type { Caller } from '../keys/caller.ts';
import type { KeyQuotas, Place } from '../keys/key-quotas.ts';
import { chooseJobId } from '../native/job-id.ts';
import type { GatewayEnvironment } from './environment.ts';

type ChooseId = (c: Context<GatewayEnvironment>, caller: Caller) => string;

/** The paths whose POST submits a job, and how its id is chosen before its body is there. */
const submissions: ReadonlyMap<string, ChooseId> = new Map<string, ChooseId>([
  ['/v1/jobs', chooseJobId],
  ['/execute', () => `codebox-${randomUUID()}`],
  ['/api/v0/code-exec', () => `codejail-${randomUUID()}`],
]);

/**
 * Counts the requests of keys that have a rate, and takes a place for each job of those that may not have many: by one question to Redis, before a body
 * is received. Keys without either cost nothing. A place whose request submits no job is left again.
 */
export function meter(quotas: KeyQuotas): MiddlewareHandler<GatewayEnvironment> {
  return async (c, next) => {
    const caller: Caller | undefined = c.get('caller');
    if (caller === undefined || !quotas.counts(caller)) return next();
    const chooseId = c.req.method === 'POST' ? submissions.get(c.req.path) : undefined;
    const { headers, place } = await quotas.admit(caller, chooseId?.(c, caller) ?? null);
    if (place !== null) c.set('place', place);
    try {
      await next();
    } finally {
      place?.leave();
    }
    // Behind the route: also answers to what it threw have them.
    for (const [header, value] of Object.entries(headers)) c.header(header, value);
  };
}

/** The place of the job that the request submits; undefined where its caller's jobs are not counted. */
export function placeOf(c: Context<GatewayEnvironment>): Place | undefined {
  const place = c.get('place');
  const caller: Caller | undefined = c.get('caller');
  if (place === undefined && caller?.ceilings.jobs !== undefined)
    throw new Error(`${c.req.path} submits jobs that nobody counts.`);
  return place;
}
