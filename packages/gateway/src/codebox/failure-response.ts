import { BullpenError, errorCodes } from '@bullpen/protocol';
import { Problem, renderProblem } from '../http/problem.ts';
import { makeValueIssue, renderIssues } from './validation-issue.ts';

/** Seconds after which a request that failed through us may be sent again. */
const retryAfterSeconds = 5;

/**
 * The answer to a request that has no result. What is wrong with the request is a 422; our failure is a 503 where trying again helps and a 500
 * elsewhere, and never an exit code that somebody would grade.
 */
export function failureResponse(error: unknown): Response {
  if (error instanceof Problem) return renderProblem(error);
  if (!(error instanceof BullpenError)) return detailResponse(500, 'Internal Server Error');
  const { code, message } = error;
  if (code === 'invalid-job') return jsonResponse(422, renderIssues([makeValueIssue(['body'], message, '{}')]));
  const isWorthAnother = code === 'expired' || code === 'client-closed' || errorCodes[code].retry;
  if (!isWorthAnother) return detailResponse(500, message);
  return detailResponse(503, message, { 'retry-after': String(retryAfterSeconds) });
}

/** An answer as FastAPI words the ones that are about no field. */
export function detailResponse(
  status: number,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return jsonResponse(status, JSON.stringify({ detail }), headers);
}

/** An answer whose body is JSON already. */
export function jsonResponse(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(body, { status, headers: { 'content-type': 'application/json', ...headers } });
}
