import { createRoute, z } from '@hono/zod-openapi';
import { type ProblemCode, problemKinds } from '../http/problem.ts';
import {
  acceptedBody,
  jobBody,
  jobIdParameter,
  problemBody,
  profilesBody,
  resultBody,
  statusBody,
  waitQuery,
} from './schemas.ts';

const json = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

/** Answers for these problems, those of one status together. */
function problems(...codes: readonly ProblemCode[]) {
  const all: ProblemCode[] = [
    'unauthorized',
    'forbidden',
    'rate-limited',
    'redis-unavailable',
    'client-closed',
    ...codes,
  ];
  const statuses = Map.groupBy(all, (code) => problemKinds[code].status);
  return Object.fromEntries(
    [...statuses].map(([status, same]) => [
      status,
      {
        description: same.map((code) => `\`${code}\`: ${problemKinds[code].title}.`).join(' '),
        content: { 'application/problem+json': { schema: problemBody } },
      },
    ]),
  );
}

const security = [{ apiKey: [] }];

/** What an ended job may have failed with, as the answer of whoever asks for its result. */
const failures: readonly ProblemCode[] = [
  'profile-unavailable',
  'confinement-refused',
  'expired',
  'jail-failed',
  'slot-lost',
  'worker-lost',
  'budget-exceeded',
  'internal',
];

export const submitRoute = createRoute({
  method: 'post',
  path: '/v1/jobs',
  operationId: 'submitJob',
  summary: 'Submit a job',
  description:
    'Scope `jobs:submit`. With `wait` (and the scope `jobs:read`) the result is the answer when the job ends in time; otherwise ask at `Location`.',
  security,
  request: {
    query: waitQuery,
    headers: z.object({
      'idempotency-key': z
        .string()
        .optional()
        .describe('The same key and body again lead to the first job; the same key with another body is refused.'),
    }),
    body: { content: { 'application/json': { schema: jobBody } }, required: true },
  },
  responses: {
    200: json(resultBody, 'The result: the job ended within `wait`.'),
    202: {
      ...json(acceptedBody, 'The job was taken.'),
      headers: z.object({ Location: z.string().describe('The path of the job.') }),
    },
    ...problems(
      'malformed-request',
      'body-too-large',
      'unsupported-media-type',
      'invalid-job',
      'unknown-profile',
      'limit-above-ceiling',
      'above-key-ceiling',
      'id-taken',
      'too-many-jobs',
      'overloaded',
      ...failures,
    ),
  },
});

export const readRoute = createRoute({
  method: 'get',
  path: '/v1/jobs/{id}',
  operationId: 'readJob',
  summary: 'Where a job is',
  description: 'Scope `jobs:read`.',
  security,
  request: { params: jobIdParameter },
  responses: { 200: json(statusBody, 'Its state and times.'), ...problems('unknown-job', 'overloaded', 'internal') },
});

export const resultRoute = createRoute({
  method: 'get',
  path: '/v1/jobs/{id}/result',
  operationId: 'readResult',
  summary: 'The result of a job',
  description:
    'Scope `jobs:read`. A job that failed answers with the problem that it failed with: never a fault of Bullpen as a result.',
  security,
  request: { params: jobIdParameter, query: waitQuery },
  responses: {
    200: json(resultBody, 'The result.'),
    ...problems('malformed-request', 'unknown-job', 'not-ended', 'result-missing', 'overloaded', ...failures),
  },
});

export const eventsRoute = createRoute({
  method: 'get',
  path: '/v1/jobs/{id}/events',
  operationId: 'followJob',
  summary: 'Follow a job while it runs',
  description:
    'Scope `jobs:read`. Server-sent events: `state`, `stdout`, `stderr`, `restarted`, and `end`, after which the stream closes. With `Last-Event-ID` the output goes on where that event ended.',
  security,
  request: {
    params: jobIdParameter,
    headers: z.object({ 'last-event-id': z.string().optional() }),
  },
  responses: {
    200: { description: 'The events.', content: { 'text/event-stream': { schema: z.string() } } },
    204: { description: 'The last event was `end`: there is nothing more.' },
    ...problems('malformed-request', 'unknown-job', 'too-many-streams', 'overloaded', 'internal'),
  },
});

export const cancelRoute = createRoute({
  method: 'delete',
  path: '/v1/jobs/{id}',
  operationId: 'cancelJob',
  summary: 'Cancel a job',
  description:
    'Scope `jobs:cancel`. A waiting job does not run, a running one is killed; either ends with a result whose state is `cancelled`, unless its program ends first.',
  security,
  request: { params: jobIdParameter },
  responses: { 202: json(statusBody, 'It ends.'), ...problems('unknown-job', 'already-ended', 'internal') },
});

export const profilesRoute = createRoute({
  method: 'get',
  path: '/v1/profiles',
  operationId: 'listProfiles',
  summary: 'What may run',
  description:
    'Any key. The profiles that the key may use, with the limits of a job that says nothing, and the most that one may ask for.',
  security,
  responses: { 200: json(profilesBody, 'The profiles.'), ...problems('internal') },
});
