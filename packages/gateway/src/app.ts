import type { Backlog, Quotas } from '@bullpen/client';
import { Hono } from 'hono';
import { codeboxDoor, type CodeboxOptions } from './codebox/index.ts';
import { codejailDoor, type CodejailDoorOptions, codejailPath, codejailProblemReply } from './codejail/index.ts';
import type { GatewayConfig } from './config.ts';
import type { DoorContext } from './door-context.ts';
import { createBackPressure, holdBack } from './http/back-pressure.ts';
import type { GatewayEnvironment } from './http/environment.ts';
import { type Access, guard } from './http/guard.ts';
import { meter } from './http/meter.ts';
import { observe } from './http/observe.ts';
import { Problem, problemOf, renderProblem } from './http/problem.ts';
import { refuseOtherMethods } from './http/refuse-other-methods.ts';
import { receiveBody } from './http/receive-body.ts';
import { createKeyQuotas } from './keys/key-quotas.ts';
import { createMetrics, type GatewayMetrics } from './metrics.ts';
import { nativeDoor } from './native/index.ts';
import { createReadTurns } from './native/read-turns.ts';
import { createStreamSlots } from './native/stream-slots.ts';

export interface AppOptions
  extends Pick<GatewayConfig, 'bodyBytes' | 'bodiesBytes' | 'backlog' | 'streams' | 'streamsPerKey'> {
  readonly access: Access;
  readonly metrics?: GatewayMetrics;
  readonly codejail?: Omit<CodejailDoorOptions, 'signal'>;
  readonly codebox?: CodeboxOptions;
  /** Asks in a way on which no large results travel; the client's own unless said. */
  readonly readBacklog?: () => Promise<Backlog>;
  /** The same for what keys may do. */
  readonly quotas?: Quotas;
  /** False while the gateway should get no more requests: it is stopping. */
  isOpen(): boolean;
}

/** The gateway without its sockets. */
export interface GatewayApp {
  readonly app: Hono<GatewayEnvironment>;
  /** Ends event streams, and what goes on between requests. */
  close(): void;
}

/** Everything that answers a request, in the order in which a request meets it. */
export function createApp(context: DoorContext, options: AppOptions): GatewayApp {
  const { client, logger } = context;
  const { access, metrics = createMetrics() } = options;
  const pressure = createBackPressure({
    readBacklog: options.readBacklog ?? (() => client.backlog()),
    backlogMax: options.backlog,
  });
  const streams = createStreamSlots(options);
  const reads = createReadTurns();
  const stopping = new AbortController();
  metrics.watch('bullpen_http_event_streams', 'Event streams that are open.', () => streams.open);
  metrics.watch('bullpen_backlog_jobs', 'Jobs that wait, when Redis was last asked.', () => pressure.waiting);
  metrics.watch('bullpen_running_jobs', 'Jobs that run, when Redis was last asked.', () => pressure.running);

  const app = new Hono<GatewayEnvironment>();
  app.onError((error, c) => {
    // Nobody is there to read it; the status is for the log.
    if (c.req.raw.signal.aborted) return new Response(null, { status: clientGone });
    const problem = problemOf(error);
    if (problem.code === 'internal') logger.error({ err: error }, 'request failed');
    return c.req.path === codejailPath ? codejailProblemReply(problem) : renderProblem(problem);
  });
  app.notFound((c) => renderProblem(new Problem('not-found', `Nothing is at ${c.req.path}: see /docs.`)));

  app.use(observe(logger, metrics));
  app.use(guard(access));
  app.use(meter(createKeyQuotas(options.quotas ?? client.quotas)));
  // codejail's door has an answer of its own to a long queue, which its calls overtake.
  app.use('/execute', holdBack(pressure));
  app.use(receiveBody(options));

  app.get('/live', (c) => c.text('OK\n'));
  app.get('/ready', async (c) => {
    const isReady = options.isOpen() && (await pressure.look().then(isTrue, isFalse));
    return isReady ? c.text('OK\n') : c.text('UNAVAILABLE\n', 503);
  });
  app.get('/metrics', async (c) => {
    await pressure.look().catch(isFalse); // Redis is away: the last numbers stay
    return c.body(await metrics.render(), 200, { 'content-type': metrics.contentType });
  });
  for (const path of ['/live', '/ready', '/metrics']) refuseOtherMethods(app, path, ['GET']);
  app.route('/', nativeDoor({ ...context, pressure, streams, reads, stopping: stopping.signal }));
  // The doors for clients of other services: their paths are in the table of http/guard.ts, or they are not reached.
  app.route('/', codejailDoor(context, { ...options.codejail, signal: stopping.signal }));
  app.route('/', codeboxDoor(context, options.codebox));
  return {
    app,
    close: () => stopping.abort(),
  };
}

/** A status that is never sent. */
const clientGone = 499;

const isTrue = (): boolean => true;
const isFalse = (): boolean => false;
