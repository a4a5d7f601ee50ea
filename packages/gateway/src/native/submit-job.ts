import type { JobHandle } from '@bullpen/client';
import { BullpenError, type Job, type JobInput, parseJob } from '@bullpen/protocol';
import type { Context } from 'hono';
import type { GatewayEnvironment } from '../http/environment.ts';
import { requireScope } from '../http/guard.ts';
import { placeOf } from '../http/meter.ts';
import { Problem } from '../http/problem.ts';
import { readJson } from '../http/read-json.ts';
import type { Caller } from '../keys/caller.ts';
import { checkCeilings } from '../keys/check-ceilings.ts';
import { holdPlace } from '../keys/key-quotas.ts';
import { chooseJobId, readIdempotencyKey } from './job-id.ts';
import type { NativeContext } from './native-context.ts';
import { sendJson } from './send-json.ts';
import { readWait, waitForResult } from './wait.ts';

/** `POST /v1/jobs` */
export function submitJob(context: NativeContext) {
  return async (c: Context<GatewayEnvironment>): Promise<Response> => {
    const caller = c.get('caller');
    requireScope(caller, 'jobs:submit');
    const waitMs = readWait(c);
    if (waitMs > 0) requireScope(caller, 'jobs:read');
    const isRepeatable = readIdempotencyKey(c) !== null;
    const place = placeOf(c);
    const job = makeJob(await readJson(c), caller, place?.jobId ?? chooseJobId(c, caller));
    const { priority } = checkJob(job, caller, context);
    await context.pressure.admit(priority);
    const handle = await holdPlace(place, () => submit(context, job, isRepeatable));
    c.header('location', `/v1/jobs/${handle.id}`);
    const result = await waitForResult(handle, waitMs, c.req.raw.signal);
    return result === null
      ? c.json({ id: handle.id, state: await readState(handle, waitMs) }, 202)
      : sendJson(c, result);
  };
}

/** Throws what is wrong with the job, or with who sends it. */
function checkJob(job: JobInput, caller: Caller, { catalog }: NativeContext): Job {
  const parsed = parseJob(job);
  checkCeilings(parsed, caller, catalog);
  return parsed;
}

/** Without having waited it is waiting, as far as anybody could tell who asked at once. */
async function readState(handle: JobHandle, waitMs: number): Promise<string> {
  return waitMs === 0 ? 'waiting' : handle.state();
}

async function submit({ client }: NativeContext, job: JobInput, isRepeatable: boolean): Promise<JobHandle> {
  try {
    return await client.submit(job, isRepeatable ? { onConflict: 'refuse' } : { isNewId: true });
  } catch (error) {
    if (!(error instanceof BullpenError) || error.code !== 'id-taken') throw error;
    const sentence =
      'The Idempotency-Key was used for another job, and that one stays: send this one under a key of its own.';
    throw new Problem('id-taken', sentence, { cause: error });
  }
}

/** The caller's job under an id of ours; nobody can look into another key's part of the cache. */
function makeJob(value: unknown, caller: Caller, id: string): JobInput {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Problem('invalid-job', 'The job must be an object.');
  if (Object.hasOwn(value, 'id')) {
    throw new Problem(
      'invalid-job',
      'id is chosen by the gateway: send a header Idempotency-Key to make submitting repeatable.',
    );
  }
  const job = { ...(value as JobInput), id };
  return job.cache === undefined ? job : { ...job, cache: scopeCache(job.cache, caller) };
}

const scopeMax = 64;

/** Names of keys have no slash, so that no scope of one is a scope of another. */
function scopeCache(cache: NonNullable<JobInput['cache']>, { name }: Caller): NonNullable<JobInput['cache']> {
  // What is no object, the protocol refuses in its own words.
  if (typeof cache !== 'object' || cache === null || Array.isArray(cache)) return cache;
  const scope: unknown = cache.scope ?? '';
  if (typeof scope !== 'string' || scope.length > scopeMax)
    throw new Problem('invalid-job', `cache.scope must be a text of at most ${scopeMax} characters.`);
  return { ...cache, scope: scope === '' ? name : `${name}/${scope}` };
}
