import type { JobHandle } from '@bullpen/client';
import type { Result } from '@bullpen/protocol';
import type { Context } from 'hono';
import { Problem } from '../http/problem.ts';

const waitMaxS = 60;

/** The query's `wait` in milliseconds; 0 without it. Throws a Problem `malformed-request`. */
export function readWait(c: Context): number {
  const text = c.req.query('wait') ?? '0';
  const seconds = /^\d{1,2}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (seconds <= waitMaxS) return seconds * 1000;
  throw new Problem('malformed-request', `wait must be a number of seconds from 0 to ${waitMaxS}.`);
}

/** The result when the job ends in time, else null. Rejects with the job's BullpenError, and with the reason of the signal. */
export async function waitForResult(handle: JobHandle, waitMs: number, signal: AbortSignal): Promise<Result | null> {
  if (waitMs === 0) return null;
  try {
    return await handle.result({ timeoutMs: waitMs, signal });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'TimeoutError') return null;
    throw error;
  }
}
