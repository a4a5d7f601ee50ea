import type { JobStatus } from '@bullpen/client';
import type { Context } from 'hono';
import type { GatewayEnvironment } from '../http/environment.ts';
import { requireScope } from '../http/guard.ts';
import { Problem } from '../http/problem.ts';
import { requireOwnJob, unknownJob } from './job-id.ts';
import type { NativeContext } from './native-context.ts';
import type { Reader } from './read-turns.ts';
import { sendJson } from './send-json.ts';
import { readWait, waitForResult } from './wait.ts';

/** `GET /v1/jobs/{id}` */
export function readJob({ client, reads }: NativeContext) {
  return async (c: Context<GatewayEnvironment>): Promise<Response> => {
    const id = requireReadable(c);
    const status = await reads.take(readerOf(c), () => client.job(id).status());
    return c.json(describeStatus(id, status));
  };
}

/** `GET /v1/jobs/{id}/result` */
export function readResult({ client, reads }: NativeContext) {
  return async (c: Context<GatewayEnvironment>): Promise<Response> => {
    const handle = client.job(requireReadable(c));
    const waitMs = readWait(c);
    const { signal } = c.req.raw;
    const stored = await reads.take(readerOf(c), () => handle.peek());
    const result = stored ?? (await waitForResult(handle, waitMs, signal).catch(unlessMissing));
    if (result !== null) return sendJson(c, result);
    const { state } = await handle.status();
    if (state === 'unknown') throw unknownJob();
    if (state === 'waiting' || state === 'running')
      throw new Problem('not-ended', `The job is ${state}: ask again, or with ?wait=SECONDS.`);
    return sendJson(c, await handle.result({ timeoutMs: endedMs, signal: c.req.raw.signal }));
  };
}

/** Who reads, for the turns of reading. */
export function readerOf(c: Context<GatewayEnvironment>): Reader {
  return { name: c.get('caller').name, signal: c.req.raw.signal };
}

/** A job that has ended has its result, or the error that it failed with, at once. */
const endedMs = 5000;

/** Whether it is unknown or only no longer kept is told by its status. */
function unlessMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'result-missing') return null;
  throw error;
}

/** `DELETE /v1/jobs/{id}` */
export function cancelJob({ client }: NativeContext) {
  return async (c: Context<GatewayEnvironment>): Promise<Response> => {
    const caller = c.get('caller');
    requireScope(caller, 'jobs:cancel');
    const id = requireOwnJob(caller, c.req.param('id') ?? '');
    const handle = client.job(id);
    const isCancelled = await handle.cancel();
    const status = await handle.status();
    // Also when it was cancelled before, or by this request in the moment in which a worker took it.
    if (isCancelled || status.state === 'cancelled') return c.json(describeStatus(id, status), 202);
    if (status.state === 'unknown') throw unknownJob();
    throw new Problem('already-ended', `The job is ${status.state}: there is nothing left to cancel.`);
  };
}

/** The id in the path, of a job that the caller may read. */
export function requireReadable(c: Context<GatewayEnvironment>): string {
  const caller = c.get('caller');
  requireScope(caller, 'jobs:read');
  return requireOwnJob(caller, c.req.param('id') ?? '');
}

function describeStatus(id: string, status: JobStatus) {
  if (status.state === 'unknown') throw unknownJob();
  const { state, position = null, submittedAt, startedAt = null, finishedAt = null } = status;
  return { id, state, position, submittedAt, startedAt, finishedAt };
}
