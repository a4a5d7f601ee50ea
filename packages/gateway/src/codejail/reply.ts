import { type Problem, problemHeaders, problemKinds } from '../http/problem.ts';
import type { Refusal } from './refusal.ts';

/** Exactly this, without a charset: the original's clients compare it. */
const contentType = 'application/json';

/** An answer whose body is a JSON text that is ready, in Python's dialect. */
export function jsonReply(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(body, { status, headers: { 'content-type': contentType, ...headers } });
}

/** What a call that was not executed is answered. */
export function refusalReply({ facts, message }: Refusal): Response {
  const headers = facts.retryAfter === undefined ? {} : { 'retry-after': String(facts.retryAfter) };
  return jsonReply(facts.status, JSON.stringify({ [facts.key ?? 'error']: message }), headers);
}

/** What a call is answered that the gateway refused before it came to the door: for its key, its rate or its size. */
export function problemReply(problem: Problem): Response {
  return jsonReply(
    problemKinds[problem.code].status,
    JSON.stringify({ error: problem.message }),
    problemHeaders(problem),
  );
}

/** 405 in the words of Django REST framework. */
export function methodNotAllowed(method: string): Response {
  return jsonReply(405, JSON.stringify({ detail: `Method "${method}" not allowed.` }), { allow: 'POST, OPTIONS' });
}
