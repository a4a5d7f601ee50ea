import { BullpenError, type ErrorCode } from '@bullpen/protocol';

interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** Seconds after which trying again may help; absent where it does not. */
  readonly retryAfterS?: number;
}

/** What a caller of HTTP can do wrong or meet, besides the errors of Bullpen. */
const ofRequests = {
  'malformed-request': { status: 400, title: 'The request is malformed' },
  unauthorized: { status: 401, title: 'No valid API key' },
  forbidden: { status: 403, title: 'Not allowed' },
  'above-key-ceiling': { status: 403, title: 'More than the API key allows' },
  'not-found': { status: 404, title: 'Nothing is here' },
  'unknown-job': { status: 404, title: 'No such job' },
  'method-not-allowed': { status: 405, title: 'Not with this method' },
  'not-ended': { status: 409, title: 'The job has not ended', retryAfterS: 1 },
  'already-ended': { status: 409, title: 'The job has ended' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'Not a type of body that is read here' },
  'rate-limited': { status: 429, title: 'Too many requests', retryAfterS: 1 },
  'too-many-jobs': { status: 429, title: 'Too many jobs of this API key are waiting', retryAfterS: 1 },
  'too-many-streams': { status: 429, title: 'Too many event streams', retryAfterS: 5 },
  overloaded: { status: 503, title: 'Too much is waiting', retryAfterS: 2 },
} as const satisfies Record<string, ProblemKind>;

/** Faults answer 5xx, never anything that could be taken for what a program did. */
const ofErrors = {
  'invalid-job': { status: 422, title: 'The job is malformed' },
  'unknown-profile': { status: 422, title: 'No profile has this name' },
  'limit-above-ceiling': { status: 422, title: 'A limit asks for more than the profile allows' },
  'profile-unavailable': { status: 503, title: 'No worker has the toolchain of the profile' },
  'confinement-refused': { status: 503, title: 'No worker has the layers that the job requires' },
  expired: { status: 504, title: 'The job waited past its expiresAt' },
  'jail-failed': { status: 500, title: 'No jail could be made or kept' },
  'slot-lost': { status: 500, title: 'The slot was lost while it ran the job' },
  'worker-lost': { status: 500, title: 'Workers were lost while they ran the job' },
  'budget-exceeded': { status: 500, title: 'The job outlived its whole budget' },
  'redis-unavailable': { status: 503, title: 'Redis did not answer', retryAfterS: 2 },
  'result-missing': { status: 410, title: 'The result has expired or was never stored' },
  'id-taken': { status: 422, title: 'The idempotency key was used for another job' },
  'client-closed': { status: 503, title: 'The gateway is stopping', retryAfterS: 1 },
  internal: { status: 500, title: 'A part of Bullpen failed unexpectedly' },
} as const satisfies Record<ErrorCode, ProblemKind>;

/** Every problem that an answer may tell, by its code. */
export const problemKinds = { ...ofRequests, ...ofErrors };

export type ProblemCode = keyof typeof problemKinds;

/** Thrown by a route to end a request with `application/problem+json` (RFC 9457). `message` becomes `detail`: a sentence for the caller. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, message: string, options: ErrorOptions & { headers?: Record<string, string> } = {}) {
    super(message, options);
    this.code = code;
    this.headers = options.headers ?? {};
  }
}

/** The problem that stands for whatever a route threw. Of an error that is not ours the caller learns nothing but that it happened. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof BullpenError) return new Problem(error.code, error.message, { cause: error });
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return new Problem('overloaded', 'What was asked for did not come in time: try again.', { cause: error });
  return new Problem('internal', 'The gateway failed unexpectedly: its log says more.', { cause: error });
}

/** The body of a problem, as JSON. */
export function describeProblem({ code, message }: Problem) {
  const { status, title } = problemKinds[code];
  return { type: `urn:bullpen:problem:${code}`, title, status, detail: message, code };
}

/** The headers that go with a problem, whatever its body is. */
export function problemHeaders({ code, headers }: Problem): Readonly<Record<string, string>> {
  const { retryAfterS }: ProblemKind = problemKinds[code];
  return { ...(retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) }), ...headers };
}

export function renderProblem(problem: Problem): Response {
  return new Response(`${JSON.stringify(describeProblem(problem))}\n`, {
    status: problemKinds[problem.code].status,
    headers: { 'content-type': 'application/problem+json', ...problemHeaders(problem) },
  });
}
