import { createHash, randomBytes } from 'node:crypto';
import type { Caller } from '../keys/caller.ts';
import { Problem } from '../http/problem.ts';

/** Ids say whose job it is: `KEYNAME.RANDOM`. Names of keys have no dot. */
const idPattern = /^[A-Za-z0-9._-]{1,128}$/;

export function makeJobId({ name }: Caller): string {
  return `${name}.${randomBytes(16).toString('base64url')}`;
}

/** The same id for the same idempotency key of the same caller, and for nothing else. */
export function makeIdempotentId({ name }: Caller, idempotencyKey: string): string {
  return `${name}.i-${createHash('sha256').update(`${name}\0${idempotencyKey}`).digest('base64url')}`;
}

/** Throws a Problem `unknown-job` unless the caller may know of the job: another's job looks like one that never was. */
export function requireOwnJob(caller: Caller, id: string): string {
  const isOwn = id.startsWith(`${caller.name}.`) || caller.scopes.has('jobs:all');
  if (isOwn && idPattern.test(id)) return id;
  throw unknownJob();
}

export function unknownJob(): Problem {
  return new Problem('unknown-job', 'No job of this API key has this id, or nothing is kept of it any more.');
}
