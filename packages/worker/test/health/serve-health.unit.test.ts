import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type HealthServer, serveHealth } from '../../src/health/serve-health.ts';
import type { WorkerState } from '../../src/worker-state.ts';

const source: { state: WorkerState; isSound: boolean } = { state: 'ready', isSound: true };
let server: HealthServer;
beforeEach(async () => {
  Object.assign(source, { state: 'ready', isSound: true });
  server = await serveHealth({ host: '127.0.0.1', port: 0, source });
});
afterEach(() => server.close());

function ask(path: string, options: { method?: string; body?: string; headers?: Record<string, string> } = {}) {
  const { method = 'GET', body, headers = {} } = options;
  return new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port: server.port, path, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode, text }));
    });
    outgoing.on('error', reject).end(body);
  });
}

describe('the health endpoint', () => {
  test.each<[state: WorkerState, isSound: boolean, health: number, ready: number, live: number]>([
    ['starting', true, 503, 503, 200],
    ['ready', true, 200, 200, 200],
    ['ready', false, 503, 503, 200],
    ['draining', true, 200, 503, 200],
    ['draining', false, 503, 503, 200],
    ['failed', true, 503, 503, 503],
    ['stopped', true, 503, 503, 503],
  ])('of a worker that is %s, sound: %s', async (state, isSound, health, ready, live) => {
    Object.assign(source, { state, isSound });
    const statuses = await Promise.all(['/health/', '/health', '/ready', '/live'].map((path) => ask(path)));
    expect(statuses.map(({ status }) => status)).toEqual([health, health, ready, live]);
    expect(statuses.map(({ text }) => text)).toEqual(
      statuses.map(({ status }) => (status === 200 ? 'OK\n' : 'UNAVAILABLE\n')),
    );
  });

  test('has no other route, method or body', async () => {
    expect((await ask('/')).status).toBe(404);
    expect((await ask('/metrics')).status).toBe(404);
    expect((await ask('/constructor')).status).toBe(404);
    expect((await ask('/health/../../etc/passwd')).status).toBe(404);
    expect((await ask('/health/', { method: 'POST', body: 'x' })).status).toBe(405);
    expect((await ask('/health/', { headers: { 'content-length': '3' }, body: 'abc' })).status).toBe(413);
    expect(await ask('/health/?probe=1', { method: 'HEAD' })).toEqual({ status: 200, text: '' });
  });

  test('refuses large headers', async () => {
    expect((await ask('/health/', { headers: { 'x-large': 'x'.repeat(8000) } })).status).toBe(431);
  });

  test('closes although somebody keeps a connection open and says nothing', async () => {
    const idle = connect(server.port, '127.0.0.1');
    const ended = new Promise<void>((resolve) => idle.once('close', () => resolve()));
    idle.on('error', () => {});
    await new Promise((resolve) => idle.once('connect', resolve));
    await server.close();
    await ended;
    server = await serveHealth({ host: '127.0.0.1', port: 0, source });
  });

  test('says why it cannot listen', async () => {
    await expect(serveHealth({ host: '127.0.0.1', port: server.port, source })).rejects.toThrow(
      /cannot listen on 127\.0\.0\.1:\d+ .*EADDRINUSE.*choose another healthPort/,
    );
  });
});
