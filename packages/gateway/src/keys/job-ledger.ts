import { setTimeout as delay } from 'node:timers/promises';
import type { JobHandle } from '@bullpen/client';
import { BullpenError } from '@bullpen/protocol';
import { Problem } from '../http/problem.ts';
import type { Caller } from './caller.ts';

/** The jobs of each bounded key that have not ended, as far as this gateway has taken them. */
export interface JobLedger {
  /** Keeps a place for one more job. Throws a Problem `too-many-jobs` when the key has none left. */
  reserve(caller: Caller): { enter(handle: JobHandle): void; release(): void };
  close(): void;
}

/** How soon it is asked again whether a job has ended, while Redis is away. */
const retryMs = 1000;

export function createJobLedger(): JobLedger {
  const byKey = new Map<string, Set<string>>();
  const closing = new AbortController();
  const { signal } = closing;

  async function leaveAtEnd(jobs: Set<string>, handle: JobHandle): Promise<void> {
    while (!signal.aborted && !(await hasEnded(handle, signal))) {
      await delay(retryMs, undefined, { signal, ref: false }).catch(() => {});
    }
    jobs.delete(handle.id);
  }

  return {
    reserve({ name, ceilings }) {
      const most = ceilings.jobs;
      if (most === undefined) return { enter() {}, release() {} };
      const jobs = byKey.get(name) ?? new Set();
      byKey.set(name, jobs);
      if (jobs.size >= most) {
        throw new Problem(
          'too-many-jobs',
          `${jobs.size} jobs of the key ${name} have not ended, and it may have ${most}: wait for one.`,
        );
      }
      // A place that nobody else can take while the job is on its way to the queue.
      const place = `reserved ${crypto.randomUUID()}`;
      jobs.add(place);
      return {
        enter(handle) {
          jobs.delete(place);
          if (jobs.has(handle.id)) return;
          jobs.add(handle.id);
          void leaveAtEnd(jobs, handle);
        },
        release: () => void jobs.delete(place),
      };
    },
    close: () => closing.abort(),
  };
}

/** Waits for the job's end; false when Redis went away meanwhile. */
async function hasEnded(handle: JobHandle, signal: AbortSignal): Promise<boolean> {
  try {
    await handle.result({ signal });
    return true;
  } catch (error) {
    return !(error instanceof BullpenError && error.code === 'redis-unavailable');
  }
}
