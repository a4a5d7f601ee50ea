import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { healthRoutes, type HealthSource } from './health.ts';

export interface ServeHealthOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly source: HealthSource;
}

export interface HealthServer {
  readonly port: number;
  /** Ends connections too. */
  close(): Promise<void>;
}

/** A request has a line, a few headers and no body; whoever is slower or wants more is cut off. */
const limits = { maxHeaderSize: 4096, requestTimeout: 5000, headersTimeout: 5000, connectionsCheckingInterval: 1000 };
const connectionsMax = 64;
const requestsPerSocketMax = 100;

/** Serves the state of the worker and its metrics over HTTP. Rejects when the address cannot be had. */
export async function serveHealth({ host, port, source }: ServeHealthOptions): Promise<HealthServer> {
  // Loaded on demand, since it brings a whole HTTP client along.
  const { createServer } = await import('node:http');
  const server = createServer(limits, (request, response) => answer(source, request, response));
  server.maxConnections = connectionsMax;
  server.maxRequestsPerSocket = requestsPerSocketMax;
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new Error(
      `The health endpoint cannot listen on ${host}:${port} (${cause instanceof Error ? cause.message : String(cause)}): choose another healthPort, or null for none.`,
      { cause },
    );
  }
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function answer(source: HealthSource, request: IncomingMessage, response: ServerResponse): void {
  const { status, body, headers, contentType = 'text/plain; charset=utf-8' } = decide(source, request);
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

interface Decision {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly contentType?: string;
}

function decide(source: HealthSource, request: IncomingMessage): Decision {
  const { method, url = '' } = request;
  if (method !== 'GET' && method !== 'HEAD')
    return { status: 405, body: 'Method Not Allowed\n', headers: { allow: 'GET, HEAD', connection: 'close' } };
  if (hasBody(request)) return { status: 413, body: 'Content Too Large\n', headers: { connection: 'close' } };
  const [path = ''] = url.split('?', 1);
  const route = Object.hasOwn(healthRoutes, path) ? healthRoutes[path] : undefined;
  return { headers: {}, ...(route?.(source) ?? { status: 404, body: 'Not Found\n' }) };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
