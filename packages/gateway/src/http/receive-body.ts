import type { IncomingMessage } from 'node:http';
import type { Context, MiddlewareHandler } from 'hono';
import type { GatewayEnvironment } from './environment.ts';
import { Problem } from './problem.ts';

export interface BodyLimits {
  /** Bytes of one body. */
  readonly bodyBytes: number;
  /** Bytes of all bodies whose requests are being answered. */
  readonly bodiesBytes: number;
}

/**
 * Receives the body of a request before its route runs, and not a byte more than the limits allow, however its length is told. The route then
 * reads it by the usual methods. Throws Problems `body-too-large` and `overloaded`.
 */
export function receiveBody({ bodyBytes, bodiesBytes }: BodyLimits): MiddlewareHandler<GatewayEnvironment> {
  let heldBytes = 0;
  return async (c, next) => {
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return next();
    const told = Number(c.req.header('content-length') ?? 0);
    if (told > bodyBytes) throw tooLarge(bodyBytes);
    let ownBytes = 0;
    const take = (bytes: number): void => {
      ownBytes += bytes;
      heldBytes += bytes;
      if (ownBytes > bodyBytes) throw tooLarge(bodyBytes);
      if (heldBytes > bodiesBytes)
        throw new Problem('overloaded', 'The gateway holds as many bodies as it may: try again.');
    };
    try {
      await receive(c, take);
      await next();
    } finally {
      heldBytes -= ownBytes;
    }
  };
}

async function receive(c: Context<GatewayEnvironment>, take: (bytes: number) => void): Promise<void> {
  const incoming: (IncomingMessage & { rawBody?: Buffer }) | undefined = c.env?.incoming;
  if (incoming !== undefined) {
    // The adapter reads a body that is there already.
    incoming.rawBody = await collect(incoming.iterator({ destroyOnReturn: false }), take);
    return;
  }
  if (c.req.raw.body === null) return;
  c.req.raw = new Request(c.req.raw, {
    method: c.req.method,
    body: new Uint8Array(await collect(c.req.raw.body, take)),
  });
}

async function collect(body: AsyncIterable<Uint8Array>, take: (bytes: number) => void): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of body) {
      take(chunk.length);
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem('malformed-request', 'The body ended before its end.', { cause });
  }
  return Buffer.concat(chunks);
}

function tooLarge(bodyBytes: number): Problem {
  return new Problem('body-too-large', `A body may have at most ${bodyBytes} bytes.`);
}
