import type { Context } from 'hono';
import type { GatewayEnvironment } from '../http/environment.ts';
import { Problem } from '../http/problem.ts';
import { endedEvents, endId, heartbeat, type JobEvent, jobEvents } from './job-events.ts';
import { unknownJob } from './job-id.ts';
import type { NativeContext } from './native-context.ts';
import { OutputPosition } from './output-position.ts';
import { readerOf, requireReadable } from './read-job.ts';

const pauses = { waitingMs: 500, heartbeatMs: 15_000 };
/** How long clients wait before they come back after the stream was lost. */
const retryMs = 2000;

const headers = { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' };

/** `GET /v1/jobs/{id}/events` */
export function followJob({ client, reads, streams, stopping, logger }: NativeContext) {
  return async (c: Context<GatewayEnvironment>): Promise<Response> => {
    const id = requireReadable(c);
    const lastEventId = c.req.header('last-event-id') ?? '';
    if (lastEventId === endId) return c.body(null, 204);
    const from = lastEventId === '' ? new OutputPosition() : OutputPosition.parse(lastEventId);
    if (from === null)
      throw new Problem('malformed-request', 'Last-Event-ID must be the id of an event of this stream.');
    const handle = client.job(id);
    const result = await reads.take(readerOf(c), () => handle.peek());
    if (result === null && (await handle.state()) === 'unknown') throw unknownJob();
    // Nobody reads what would be told: no place is taken.
    if (c.req.method === 'HEAD') return c.body(null, 200, headers);
    const leave = streams.take(c.get('caller').name);
    c.req.raw.signal.addEventListener('abort', leave, { once: true });
    const gone = new AbortController();
    const signal = AbortSignal.any([c.req.raw.signal, stopping, gone.signal]);
    const events = result === null ? jobEvents(handle, from, { signal, pauses }) : endedEvents(result, from);
    const body = streamEvents(events, {
      leave(error) {
        if (error !== null && !signal.aborted) logger.warn({ err: error }, 'event stream lost');
        gone.abort();
        leave();
      },
    });
    return c.body(body, 200, headers);
  };
}

/**
 * Asks for an event when the client has room for it and no sooner: of a slow one's output nothing piles up here. An error ends the stream without
 * an `end`, so that the client comes back.
 */
function streamEvents(
  events: AsyncGenerator<JobEvent | typeof heartbeat, void, undefined>,
  { leave }: { leave(error: unknown): void },
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let isFirst = true;
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await events.next();
          if (done === true) {
            controller.close();
            leave(null);
            return;
          }
          controller.enqueue(encoder.encode((isFirst ? `retry: ${retryMs}\n` : '') + renderEvent(value)));
          isFirst = false;
        } catch (error) {
          leave(error);
          controller.close();
        }
      },
      cancel: () => leave(null),
    },
    { highWaterMark: 0 },
  );
}

function renderEvent(event: JobEvent | typeof heartbeat): string {
  if (event === heartbeat) return ': still there\n\n';
  const id = event.id === undefined ? '' : `id: ${event.id}\n`;
  // JSON has no line breaks of its own.
  return `event: ${event.event}\n${id}data: ${JSON.stringify(event.data)}\n\n`;
}
