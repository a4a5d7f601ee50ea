import { createHash, randomBytes } from 'node:crypto';
import { jobIdSchema } from '@bullpen/protocol';
import type { Context } from 'hono';
import type { Caller } from '../keys/caller.ts';
import type { GatewayEnvironment } from '../http/environment.ts';
import { Problem } from '../http/problem.ts';

/** Ids say whose job it is: `KEYNAME.RANDOM`. Names of keys have no dot. */
export function makeJobId({ name }: Caller): string {
  return `${name}.${randomBytes(16).toString('base64url')}`;
}

/** The same id for the same idempotency key of the same caller, and for nothing else. */
export function makeIdempotentId({ name }: Caller, idempotencyKey: string): string {
  return `${name}.i-${createHash('sha256').update(`${name}\0${idempotencyKey}`).digest('base64url')}`;
}

/** The id of the job that a request submits, as its head says. Throws a Problem `malformed-request`. */
export function chooseJobId(c: Context<GatewayEnvironment>, caller: Caller): string {
  const idempotencyKey = readIdempotencyKey(c);
  return idempotencyKey === null ? makeJobId(caller) : makeIdempotentId(caller, idempotencyKey);
}

export function readIdempotencyKey(c: Context<GatewayEnvironment>): string | null {
  const text = c.req.header('idempotency-key');
  if (text === undefined || /^[\x21-\x7e]{1,255}$/.test(text)) return text ?? null;
  throw new Problem('malformed-request', 'Idempotency-Key must be 1 to 255 visible ASCII characters without spaces.');
}

/** Throws a Problem `unknown-job` unless the caller may know of the job: another's job looks like one that never was. */
export function requireOwnJob(caller: Caller, id: string): string {
  const isOwn = id.startsWith(`${caller.name}.`) || caller.scopes.has('jobs:all');
  if (isOwn && jobIdSchema.safeParse(id).success) return id;
  throw unknownJob();
}

export function unknownJob(): Problem {
  return new Problem('unknown-job', 'No job of this API key has this id, or nothing is kept of it any more.');
}
