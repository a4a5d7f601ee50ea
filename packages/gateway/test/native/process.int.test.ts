import { afterEach, beforeEach, expect, test } from 'vitest';
import { type GatewayProcess, startGatewayProcess } from '../../../../tests/doors/native/support/gateway-process.ts';
import { eventually } from '../../../../tests/support/eventually.ts';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';

const job = { profile: 'bash', commands: [{ argv: ['true'] }] };
const body = { method: 'POST', body: JSON.stringify(job), headers: { 'content-type': 'application/json' } };

let redis: TestRedis;
let gateway: GatewayProcess | null = null;

beforeEach(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  await gateway?.close();
  gateway = null;
  await redis.close();
});

test('SIGTERM lets requests end, and the process ends with 0', async () => {
  gateway = await startGatewayProcess(redis.socket);
  const { id } = (await (await gateway.ask('/v1/jobs', body)).json()) as { id: string };
  const waiting = gateway.ask(`/v1/jobs/${id}/result?wait=2`);
  const events = await gateway.ask(`/v1/jobs/${id}/events`);
  gateway.signal('SIGTERM');
  expect(await events.text()).toContain('event: state');
  expect((await waiting).status).toBe(409);
  expect(await gateway.ended).toBe(0);
});

test('beyond the grace, requests are cut off', async () => {
  gateway = await startGatewayProcess(redis.socket, { BULLPEN_HTTP_DRAIN_GRACE_MS: '100' });
  const cutOff = gateway.ask('/v1/jobs?wait=60', body).then(
    () => false,
    () => true,
  );
  const { ask, signal, ended } = gateway;
  await eventually('the job waits', async () =>
    /bullpen_backlog_jobs [1-9]/.test(await (await ask('/metrics')).text()),
  );
  signal('SIGTERM');
  expect(await ended).toBe(0);
  expect(await cutOff).toBe(true);
});

test('a second signal ends the process at once', async () => {
  gateway = await startGatewayProcess(redis.socket, { BULLPEN_HTTP_DRAIN_GRACE_MS: '600000' });
  const { ask, origin, signal, ended } = gateway;
  const waiting = ask('/v1/jobs?wait=60', body).catch(() => null);
  await eventually('the job waits', async () =>
    /bullpen_backlog_jobs [1-9]/.test(await (await ask('/metrics')).text()),
  );
  signal('SIGTERM');
  await eventually('it takes no more', () =>
    fetch(`${origin}/live`).then(
      () => false,
      () => true,
    ),
  );
  signal('SIGINT');
  expect(await ended).toBe(1);
  expect(await waiting).toBeNull();
});

test('SIGHUP leaves it running', async () => {
  gateway = await startGatewayProcess(redis.socket);
  gateway.signal('SIGHUP');
  const { ask } = gateway;
  expect((await ask('/v1/profiles')).status).toBe(200);
});

test('a setting out of bounds ends it with a sentence', async () => {
  const settings = { BULLPEN_HTTP_BACKLOG: 'many' };
  await expect(startGatewayProcess(redis.socket, settings)).rejects.toThrow(/BULLPEN_HTTP_BACKLOG is \\"many\\": .+/);
});
