import { type Context, Hono } from 'hono';
import type { DoorContext } from '../door-context.ts';
import type { GatewayEnvironment } from '../http/environment.ts';
import { placeOf } from '../http/meter.ts';
import type { Caller } from '../keys/caller.ts';
import { type CodeboxOptions, resolveCodeboxOptions } from './codebox-options.ts';
import { executeProject, type RunProjectJob } from './execute-project.ts';
import { detailResponse, failureResponse, jsonResponse } from './failure-response.ts';
import { createLanguages } from './languages.ts';
import { parseBody } from './parse-body.ts';
import { absentBody, type ProjectReading, readProject, wrongBody } from './read-project.ts';
import { requestHeaders } from './request-headers.ts';
import { runForCaller } from './run-for-caller.ts';
import { renderIssues } from './validation-issue.ts';

/** The door for clients of codebox: `POST /execute` and `GET /languages`. What codebox offers without a jail is not here. */
export function codeboxDoor(context: DoorContext, given: CodeboxOptions = {}): Hono<GatewayEnvironment> {
  const { client, logger } = context;
  const options = resolveCodeboxOptions(given);
  const languages = createLanguages(client, options);
  const door = new Hono<GatewayEnvironment>();
  door.onError((error, c) => {
    // Nobody reads this answer.
    if (c.req.raw.signal.aborted) return new Response(null, { status: 499 });
    logger.warn({ err: error, route: c.req.path }, 'codebox request failed');
    return failureResponse(error);
  });

  door.use('/execute', requestHeaders());
  door.use('/languages', requestHeaders());
  door.post('/execute', async (c) => {
    const reading = await readRequest(c, options);
    if (reading instanceof Response) return reading;
    if (reading.kind === 'issues') return jsonResponse(422, renderIssues(reading.issues));
    const running = {
      queueWaitMs: options.queueWaitMs,
      signal: c.req.raw.signal,
      caller: callerOf(c),
      place: placeOf(c),
    };
    const run: RunProjectJob = (job) => runForCaller(context, job, running);
    return c.json(await executeProject(reading.project, options, run));
  });
  door.get('/languages', async (c) => c.json(await languages()));
  door.all('/execute', () => detailResponse(405, 'Method Not Allowed', { allow: 'POST' }));
  door.all('/languages', () => detailResponse(405, 'Method Not Allowed', { allow: 'GET' }));
  return door;
}

/** Nobody, where the door stands alone. */
function callerOf(c: Context<GatewayEnvironment>): Caller | undefined {
  return c.get('caller');
}

/** The project of a request, what is wrong with it, or an answer where there is nothing to read. */
async function readRequest(
  c: Context<GatewayEnvironment>,
  { bodyBytes, defaultTimeoutSeconds }: { readonly bodyBytes: number; readonly defaultTimeoutSeconds: number },
): Promise<ProjectReading | Response> {
  const bytes = new Uint8Array(await c.req.arrayBuffer());
  if (bytes.byteLength > bodyBytes) {
    return detailResponse(413, `The body must have at most ${bodyBytes} bytes, got ${bytes.byteLength}: send less.`);
  }
  const body = parseBody(bytes, c.req.header('content-type'));
  switch (body.kind) {
    case 'json':
      return readProject(body.text, body.value, defaultTimeoutSeconds);
    case 'issues':
      return body;
    case 'absent':
      return { kind: 'issues', issues: [absentBody] };
    case 'other':
      return { kind: 'issues', issues: [wrongBody(JSON.stringify(body.text))] };
    case 'unreadable':
      return detailResponse(400, body.sentence);
    default:
      return body satisfies never;
  }
}
