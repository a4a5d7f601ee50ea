import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type HealthServer, serveHealth } from '../../src/health/serve-health.ts';
import type { GateReason } from '../../src/health/gate.ts';
import type { Metric } from '../../src/health/render-metrics.ts';
import type { WorkerState } from '../../src/worker-state.ts';

const source: { state: WorkerState; reasons: readonly GateReason[]; collectMetrics(isReady: boolean): Metric[] } = {
  state: 'ready',
  reasons: [],
  collectMetrics: (isReady) => [
    { name: 'ready', help: 'Is it?', type: 'gauge', samples: [{ value: isReady ? 1 : 0 }] },
  ],
};
let server: HealthServer;
beforeEach(async () => {
  Object.assign(source, { state: 'ready', reasons: [] });
  server = await serveHealth({ host: '127.0.0.1', port: 0, source });
});
afterEach(() => server.close());

function ask(path: string, options: { method?: string; body?: string; headers?: Record<string, string> } = {}) {
  const { method = 'GET', body, headers = {} } = options;
  return new Promise<{ status: number | undefined; text: string; type: string | undefined }>((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port: server.port, path, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode, text, type: response.headers['content-type'] }));
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
    Object.assign(source, { state, reasons: isSound ? [] : ['probe-failed'] });
    const statuses = await Promise.all(['/health/', '/health', '/ready', '/live'].map((path) => ask(path)));
    expect(statuses.map(({ status }) => status)).toEqual([health, health, ready, live]);
    expect(statuses.map(({ text }) => text.split('\n')[0])).toEqual(
      statuses.map(({ status }) => (status === 200 ? 'OK' : 'UNAVAILABLE')),
    );
  });

  test('says in further lines why it is unavailable', async () => {
    Object.assign(source, { reasons: ['disabled', 'probe-failed'] });
    expect((await ask('/health/')).text).toMatch(
      /^UNAVAILABLE\ndisabled: .*BULLPEN_ENABLED=true\nprobe-failed: a probe failed: .*\n$/,
    );
    Object.assign(source, { state: 'starting', reasons: [] });
    expect((await ask('/ready')).text).toBe('UNAVAILABLE\nstate: starting\n');
  });

  test('serves what was counted, as Prometheus reads it', async () => {
    expect(await ask('/metrics')).toEqual({
      status: 200,
      text: '# HELP ready Is it?\n# TYPE ready gauge\nready 1\n',
      type: 'text/plain; version=0.0.4; charset=utf-8',
    });
    Object.assign(source, { reasons: ['probe-failed'] });
    expect((await ask('/metrics')).text).toContain('ready 0\n');
  });

  test('has no other route, method or body', async () => {
    expect((await ask('/')).status).toBe(404);
    expect((await ask('/constructor')).status).toBe(404);
    expect((await ask('/health/../../etc/passwd')).status).toBe(404);
    expect((await ask('/health/', { method: 'POST', body: 'x' })).status).toBe(405);
    expect((await ask('/health/', { headers: { 'content-length': '3' }, body: 'abc' })).status).toBe(413);
    expect(await ask('/health/?probe=1', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
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
