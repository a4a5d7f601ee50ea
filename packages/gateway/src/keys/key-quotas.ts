import { placeGraceMs, type QuotaAnswer, type QuotaPlace, type Quotas } from '@bullpen/client';
import { BullpenError, type ErrorCode } from '@bullpen/protocol';
import { Problem } from '../http/problem.ts';
import type { Caller } from './caller.ts';

/** Where a job of a key with a ceiling of jobs is counted, under the id that it will have. */
export interface Place {
  readonly jobId: string;
  /**
   * Runs what submits the job. Throws what that throws; a Problem `too-many-jobs` where the place was without its job for so long that others may
   * have it now, and BullpenError `redis-unavailable`.
   */
  hold<Value>(submit: () => Promise<Value>): Promise<Value>;
  /** Frees it, unless there may be a job. */
  leave(): void;
}

/** What a request of a key with a rate or a ceiling of jobs may do. */
export interface Pass {
  /** What its answer says of the rate. */
  readonly headers: Readonly<Record<string, string>>;
  /** Null where no job was announced, or jobs are not counted. */
  readonly place: Place | null;
}

/** Counts requests and jobs of keys, together with all gateways of the fleet. */
export interface KeyQuotas {
  /** Whether anything of this caller is counted: Redis is asked about no other. */
  counts(caller: Caller): boolean;
  /**
   * Counts a request, which will submit a job of this id, or null. Throws Problems `rate-limited` and `too-many-jobs`, and BullpenError
   * `redis-unavailable`: what cannot be counted is refused.
   */
  admit(caller: Caller, jobId: string | null): Promise<Pass>;
}

/** A refusal is repeated for so long at most without asking Redis again: whoever hammers at a gateway does not hammer at Redis. */
const repeatedMs = { 'too-fast': 1000, 'too-many': 100 } as const;
/** Places that are younger are certainly still there when their job arrives. */
const youngMs = placeGraceMs / 3;

/** What a job is refused with before it comes into the queue. */
const noJob: ReadonlySet<ErrorCode> = new Set(['invalid-job', 'unknown-profile', 'limit-above-ceiling']);

type Refusal = 'too-fast' | 'too-many';

interface Refused {
  readonly answer: QuotaAnswer;
  readonly caller: Caller;
  readonly atMs: number;
  readonly untilMs: number;
}

export function createKeyQuotas(quotas: Quotas, now: () => number = () => performance.now()): KeyQuotas {
  /** By kind and name; no more than two for each key. */
  const refusals = new Map<string, Refused>();

  /** What Redis would say, too. A caller is another one when its key was changed. */
  function recall(kind: Refusal, caller: Caller): QuotaAnswer | null {
    const refused = refusals.get(`${kind} ${caller.name}`);
    if (refused === undefined || refused.caller !== caller || now() >= refused.untilMs) return null;
    const { answer, atMs } = refused;
    return { ...answer, retryAfterMs: Math.max(0, answer.retryAfterMs - (now() - atMs)) };
  }

  async function ask(caller: Caller, place: QuotaPlace | null): Promise<QuotaAnswer> {
    const { name, rate, ceilings } = caller;
    const known = recall('too-fast', caller) ?? (place === null ? null : recall('too-many', caller));
    if (known !== null) return known;
    const atMost = ceilings.jobs;
    const wish = place === null || atMost === undefined ? null : { ...place, atMost };
    const answer = await quotas.take(name, { rate, place: wish });
    const { kind, retryAfterMs } = answer;
    if (kind === 'taken' || kind === 'known') return answer;
    const atMs = now();
    const forMs = kind === 'too-fast' ? Math.min(retryAfterMs, repeatedMs[kind]) : repeatedMs[kind];
    refusals.set(`${kind} ${name}`, { answer, caller, atMs, untilMs: atMs + forMs });
    return answer;
  }

  function makePlace(caller: Caller, place: QuotaPlace, isTaken: boolean): Place {
    // What is known to the queue may be gone when its body is there.
    const isSureUntil = isTaken ? now() + youngMs : 0;
    let isKept = false;
    return {
      jobId: place.jobId,
      async hold(submit) {
        if (now() >= isSureUntil) {
          const answer = await ask({ ...caller, rate: null }, place);
          if (answer.kind === 'too-many') throw tooManyJobs(caller, answer);
        }
        isKept = true;
        try {
          return await submit();
        } catch (error) {
          if (error instanceof BullpenError && noJob.has(error.code)) isKept = false;
          throw error;
        }
      },
      leave() {
        // One that cannot be given back is free after its grace.
        if (!isKept) quotas.giveBack(caller.name, place).catch(ignore);
      },
    };
  }

  return {
    counts: ({ rate, ceilings }) => rate !== null || ceilings.jobs !== undefined,
    async admit(caller, jobId) {
      const isCounted = jobId !== null && caller.ceilings.jobs !== undefined;
      const place = isCounted ? { jobId, mark: crypto.randomUUID() } : null;
      const answer = await ask(caller, place);
      const headers = rateHeaders(caller, answer);
      if (answer.kind === 'too-fast') throw rateLimited(caller, answer, headers);
      if (answer.kind === 'too-many') throw tooManyJobs(caller, answer, headers);
      return { headers, place: place === null ? null : makePlace(caller, place, answer.kind === 'taken') };
    },
  };
}

/** Whole seconds, and never none for a request that was refused. */
function secondsUntil({ kind, retryAfterMs }: QuotaAnswer): number {
  return kind === 'too-fast' ? Math.max(1, Math.ceil(retryAfterMs / 1000)) : 0;
}

function rateHeaders({ rate }: Caller, answer: QuotaAnswer): Readonly<Record<string, string>> {
  if (rate === null) return {};
  return {
    'ratelimit-policy': `"key";q=${rate.burst};w=${Math.max(1, Math.ceil(rate.burst / rate.perSecond))}`,
    ratelimit: `"key";r=${answer.remaining};t=${secondsUntil(answer)}`,
  };
}

function rateLimited({ name, rate }: Caller, answer: QuotaAnswer, headers: Readonly<Record<string, string>>): Problem {
  const seconds = secondsUntil(answer);
  return new Problem(
    'rate-limited',
    `The key ${name} may send ${rate?.perSecond} requests a second, ${rate?.burst} at once: wait ${seconds} s.`,
    { headers: { ...headers, 'retry-after': String(seconds) } },
  );
}

function tooManyJobs(
  { name, ceilings }: Caller,
  { jobs }: QuotaAnswer,
  headers: Readonly<Record<string, string>> = {},
): Problem {
  return new Problem(
    'too-many-jobs',
    `${jobs} jobs of the key ${name} have not ended, and it may have ${ceilings.jobs}: wait for one.`,
    { headers },
  );
}

/** The same where jobs may not be counted. */
export function holdPlace<Value>(place: Place | undefined, submit: () => Promise<Value>): Promise<Value> {
  return place === undefined ? submit() : place.hold(submit);
}

function ignore(): void {}
