import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../../tests/support/eventually.ts';
import { askHealth, healthOf, lineOf } from './support/ask-health.ts';
import { type SomeWorkers, startSomeWorkers } from './support/some-workers.ts';

const wait = { timeoutMs: 60_000 };
const job = { profile: 'bash', commands: [{ argv: ['true'] }] };

let fleet: SomeWorkers;

const addWorker = (settings: Record<string, string>) => fleet.add({ BULLPEN_HEALTH_PORT: '0', ...settings });

beforeEach(async () => {
  fleet = await startSomeWorkers();
});

afterEach(() => fleet.close());

describe('a worker', { timeout: 120_000 }, () => {
  test.each([
    [
      'with another floor that nobody has enabled',
      { BULLPEN_FLOOR: 'identity,rlimits,seccomp' },
      'the floor identity,rlimits,seccomp is not the default one, and BULLPEN_ENABLED is not set',
    ],
    ['that was disabled', { BULLPEN_ENABLED: 'false' }, 'BULLPEN_ENABLED is false'],
  ])('%s proves its slots, says why it takes no job, and takes none', async (_what, settings, why) => {
    const disabled = await addWorker(settings);
    expect(await askHealth(disabled)).toMatchObject({
      status: 503,
      text: expect.stringMatching(/^UNAVAILABLE\ndisabled: jobs are not enabled on this worker/),
    });
    expect([await healthOf(disabled, '/ready'), await healthOf(disabled, '/live')]).toEqual([
      '503 UNAVAILABLE',
      '200 OK',
    ]);
    expect(lineOf(disabled, 'no jobs are taken: this worker is not enabled')).toMatchObject({
      level: 40,
      why: `${why}: start it again with BULLPEN_ENABLED=true`,
    });
    const handle = await fleet.client.submit(job);
    await delay(500);
    expect(await handle.state()).toBe('waiting');
    // Nobody hands a job over to it, either.
    const demanding = await fleet.client.submit({ ...job, requires: ['apparmor'], attempts: 1 });
    const enabled = await addWorker({ ...settings, BULLPEN_ENABLED: 'true' });
    expect((await handle.result(wait)).receipt?.worker).toBe(enabled.workerId);
    await expect(demanding.result(wait)).rejects.toMatchObject({ code: 'confinement-refused' });
    disabled.signal('SIGTERM');
    expect(await disabled.ended).toBe(0);
  });

  test('below its floor does not start, enabled or not, and says what would lift it', async () => {
    for (const BULLPEN_ENABLED of ['true', 'false']) {
      await expect(addWorker({ BULLPEN_FLOOR: 'identity,restricted|apparmor', BULLPEN_ENABLED })).rejects.toThrow(
        /failed its proof .*layers.*: it has no restricted and no apparmor layer \(it has identity, .*\), which is below the floor identity,restricted\|apparmor: give the worker BULLPEN_JAIL=restricted, or boot with AppArmor/,
      );
    }
  });

  test('with the default floor written in another order is enabled', async () => {
    const worker = await addWorker({
      BULLPEN_FLOOR: 'classic|namespaces,apparmor|landlock,seccomp,rlimits,identity',
    });
    expect(await healthOf(worker)).toBe('200 OK');
  });
});

describe('a worker that must not reach a target', { timeout: 120_000 }, () => {
  let server: Server;
  async function listen(port: number): Promise<number> {
    server = createServer((socket) => socket.destroy());
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  test('does not start where it can, and stops taking jobs when it can later', async () => {
    const port = await listen(0);
    const settings = { BULLPEN_EGRESS_PROBES: `127.0.0.1:${port}`, BULLPEN_PROBE_INTERVAL_MS: '300' };
    await expect(addWorker(settings)).rejects.toThrow(
      new RegExp(`The worker failed its proof .*: it could connect to 127.0.0.1:${port}: forbid it`),
    );
    server.close();
    await once(server, 'close');
    const worker = await addWorker(settings);
    expect(await healthOf(worker)).toBe('200 OK');
    const { jobId } = await (await fleet.client.submit(job)).result(wait);
    await listen(port);
    await eventually('health is 503', async () => (await healthOf(worker)) === '503 UNAVAILABLE');
    const name = 'the worker reaches nothing that it must not';
    expect((await askHealth(worker, '/metrics')).text).toContain(`bullpen_probe_failed{probe="${name}"} 1\n`);
    await eventually('earlier results are in doubt', async () => {
      const { doubtful } = await fleet.client.job(jobId).result(wait);
      return doubtful?.probe === name;
    });
    server.close();
    await eventually('health is 200', async () => (await healthOf(worker)) === '200 OK');
  });
});
