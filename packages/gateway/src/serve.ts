import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import type { GatewayConfig } from './config.ts';
import { guardConnections } from './http/connection-guard.ts';
import type { GatewayEnvironment } from './http/environment.ts';
import { lingerAfter } from './http/linger.ts';
import { type Listen, renderOrigin } from './http/listen.ts';
import { createRunningRequests } from './http/running-requests.ts';

export type ServeOptions = Pick<
  GatewayConfig,
  | 'listen'
  | 'connections'
  | 'connectionsPerAddress'
  | 'headersTimeoutMs'
  | 'requestTimeoutMs'
  | 'keepAliveTimeoutMs'
  | 'stallTimeoutMs'
>;

/** A server that listens. */
export interface RunningServer {
  readonly listen: Listen;
  readonly origin: string;
  /** Connections that are open now. */
  readonly connections: number;
  /** Takes no more connections, lets requests end for up to `graceMs`, then closes everything, and lets doors cancel the jobs of those cut off. */
  close(graceMs: number): Promise<void>;
}

const headBytesMax = 16_384;
const headersMax = 100;
/** How soon it is asked whether the machine of a silent client is still there: an answer may take many minutes. */
const probeAfterMs = 30_000;

const tidyMs = 50;
/** How long the doors may take to cancel what they ran for clients that were cut off. */
const farewellMs = 2000;

/** Listens for HTTP. Rejects with a sentence when the address cannot be had. */
export async function serve(app: Hono<GatewayEnvironment>, options: ServeOptions): Promise<RunningServer> {
  const running = createRunningRequests();
  const fetch: Parameters<typeof getRequestListener>[0] = (request, bindings) =>
    running.track(app.fetch(request, bindings));
  const listener = getRequestListener(fetch, { overrideGlobalObjects: false, autoCleanupIncoming: false });
  const server = createServer(
    {
      maxHeaderSize: headBytesMax,
      headersTimeout: options.headersTimeoutMs,
      requestTimeout: Math.max(options.requestTimeoutMs, options.headersTimeoutMs),
      keepAliveTimeout: options.keepAliveTimeoutMs,
      // How often the timeouts above are looked at.
      connectionsCheckingInterval: Math.min(1000, options.headersTimeoutMs),
      requireHostHeader: true,
      insecureHTTPParser: false,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: probeAfterMs,
    },
    // What it throws it answers itself.
    (incoming, outgoing) => {
      if (!guard.admits(incoming, outgoing)) return;
      lingerAfter(incoming, outgoing);
      void listener(incoming, outgoing);
    },
  );
  server.maxHeadersCount = headersMax;
  server.maxRequestsPerSocket = 10_000;
  // Silence alone ends nothing: requests that come and answers that are not taken have bounds of their own.
  server.timeout = 0;
  const guard = guardConnections(server, options);
  const listen = await listenOn(server, options.listen);
  return {
    listen,
    origin: renderOrigin(listen),
    get connections() {
      return guard.count;
    },
    async close(graceMs) {
      const closed = once(server, 'close');
      server.close();
      // Also those that become idle later, which would stay for their keep-alive.
      const tidying = setInterval(() => server.closeIdleConnections(), tidyMs);
      const overdue = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      await running.ended(farewellMs);
      clearInterval(tidying);
      clearTimeout(overdue);
      guard.close();
    },
  };
}

async function listenOn(server: Server, { host, port }: Listen): Promise<Listen> {
  server.listen({ host, port, backlog: 4096 });
  try {
    await once(server, 'listening');
  } catch (cause) {
    const { code = 'an unknown error' } = cause as NodeJS.ErrnoException;
    throw new Error(`The gateway cannot listen on ${host}:${port} (${code}): choose another address or port.`, {
      cause,
    });
  }
  return { host, port: (server.address() as AddressInfo).port };
}
