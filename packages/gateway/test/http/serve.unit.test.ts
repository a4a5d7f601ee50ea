import { once } from 'node:events';
import { connect } from 'node:net';
import { Hono } from 'hono';
import { expect, it, onTestFinished } from 'vitest';
import type { GatewayEnvironment } from '../../src/http/environment.ts';
import { type RunningServer, serve, type ServeOptions } from '../../src/serve.ts';

async function open(app: Hono<GatewayEnvironment>, options: Partial<ServeOptions> = {}): Promise<RunningServer> {
  const server = await serve(app, {
    listen: { host: '127.0.0.1', port: 0 },
    connections: 10,
    connectionsPerAddress: 10,
    headersTimeoutMs: 300,
    requestTimeoutMs: 300,
    keepAliveTimeoutMs: 300,
    stallTimeoutMs: 300,
    ...options,
  });
  onTestFinished(() => server.close(0));
  return server;
}

it('a connection on which nothing is said is closed', async () => {
  const { listen } = await open(new Hono());
  const socket = connect(listen.port, listen.host);
  socket.on('error', () => {});
  socket.resume();
  await once(socket, 'close');
});

it('an answer may take longer than all these times', async () => {
  const app = new Hono<GatewayEnvironment>();
  app.post('/', async (c) => {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    return c.text('late');
  });
  const { origin } = await open(app);
  expect(await (await fetch(origin, { method: 'POST', body: 'x' })).text()).toBe('late');
});

it('an address that cannot be had is told', async () => {
  const { listen } = await open(new Hono());
  await expect(open(new Hono(), { listen })).rejects.toThrow(
    `The gateway cannot listen on 127.0.0.1:${listen.port} (EADDRINUSE): choose another address or port.`,
  );
});

it('a stop waits for what the app does about a client that it cut off', async () => {
  const app = new Hono<GatewayEnvironment>();
  const begun = Promise.withResolvers<void>();
  let isCancelled = false;
  app.get('/', async (c) => {
    const { signal } = c.req.raw;
    begun.resolve();
    await once(signal, 'abort');
    await new Promise((resolve) => setTimeout(resolve, 100)); // as long as Redis may take to hear of it
    isCancelled = true;
    return c.text('nobody reads this');
  });
  const server = await open(app);
  const cut = fetch(server.origin).catch((error: unknown) => error);
  await begun.promise;
  await server.close(50);
  expect(isCancelled).toBe(true);
  expect(await cut).toBeInstanceOf(TypeError);
});
