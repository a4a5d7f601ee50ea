import { BullpenError, errorCodes } from '@bullpen/protocol';
import { Problem, problemKinds } from '../http/problem.ts';
import { Refusal } from './refusal.ts';

const retryAfter = 1;

/** More waits than can be done in time. */
export function backlogRefusal(): Refusal {
  return new Refusal(
    { status: 503, reason: 'refused.backlog', retryAfter },
    'Too many calls are waiting for this one to be answered in time: call again later.',
  );
}

/** Too many large calls have come at once. */
export function crowdedRefusal(): Refusal {
  return new Refusal(
    { status: 503, reason: 'refused.backlog', retryAfter },
    'Too many large calls are on their way to the queue: call again later, or send a smaller python_lib.zip.',
  );
}

/** The budget of a call has ended. */
export function deadlineRefusal(budgetMs: number): Refusal {
  return new Refusal(
    { status: 503, reason: 'fault.deadline', retryAfter },
    `The code was not executed within ${budgetMs} ms, since the workers are busy or away: call again later.`,
  );
}

/** The code is allowed to run for longer than a call may take, and does: nobody's fault, and no better the next time. */
export function tooLongRefusal(budgetMs: number): Refusal {
  return new Refusal(
    { status: 503, reason: 'refused.too_long' },
    `The code was still running after ${budgetMs} ms, in which calls are answered: its limits allow it more, so raise the budget of calls, or lower REALTIME.`,
  );
}

/** The jail that ran the code was found wanting afterwards. */
export function doubtRefusal(): Refusal {
  return new Refusal(
    { status: 503, reason: 'fault.unavailable', retryAfter },
    'The worker that executed the code has failed a probe since, so its result does not count: call again.',
  );
}

/** What a call is told when the fleet could not execute its code: 503 where calling again may help, 500 where only an operator can. */
export function fleetRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof BullpenError) return ofFleet(error);
  if (error instanceof Problem) return ofKey(error);
  if (error instanceof DOMException && error.name === 'AbortError') {
    const facts = { status: 503, reason: 'fault.unavailable', retryAfter } as const;
    return new Refusal(facts, 'The execution was cancelled: call again.', { cause: error });
  }
  const facts = { status: 500, reason: 'fault.internal' } as const;
  return new Refusal(facts, 'The gateway failed unexpectedly: its log says more.', { cause: error });
}

/** What the caller's key does not allow, in the status of the gateway's other doors. */
function ofKey(problem: Problem): Refusal {
  const kind: { readonly status: number; readonly retryAfterS?: number } = problemKinds[problem.code];
  const retry = kind.retryAfterS === undefined ? {} : { retryAfter: kind.retryAfterS };
  return new Refusal({ status: kind.status, reason: 'refused.key', ...retry }, problem.message, { cause: problem });
}

function ofFleet(cause: BullpenError): Refusal {
  const helps = errorCodes[cause.code].retry || cause.code === 'client-closed' || cause.code === 'expired';
  const facts = helps
    ? ({ status: 503, reason: 'fault.unavailable', retryAfter } as const)
    : ({ status: 500, reason: 'fault.internal' } as const);
  return new Refusal(facts, `The code could not be executed (${cause.code}): ${cause.message}`, { cause });
}
