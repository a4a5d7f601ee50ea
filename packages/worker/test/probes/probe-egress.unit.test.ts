import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { probeEgress, watchEgress } from '../../src/probes/probe-egress.ts';

let server: Server;
let target: { host: string; port: number };

async function listen(): Promise<void> {
  server = createServer((socket) => socket.destroy());
  server.listen(target?.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  target = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}
async function close(): Promise<void> {
  server.close();
  await once(server, 'close');
}

beforeEach(listen);
afterEach(() => void (server.listening && server.close()));

test('a target that answers fails the probe, and is named with a remedy', async () => {
  await expect(probeEgress([target])).rejects.toMatchObject({
    name: 'ProbeError',
    slot: null,
    probe: 'the worker reaches nothing that it must not',
    message: `The worker failed its proof "the worker reaches nothing that it must not": it could connect to 127.0.0.1:${target.port}: forbid it by a firewall or a network policy, or take it out of BULLPEN_EGRESS_PROBES. Refusing to take jobs.`,
  });
});

test('what refuses, or has no such name, is out of reach', async () => {
  await close();
  await expect(probeEgress([target, { host: 'no-such-host.invalid', port: 80 }])).resolves.toBeUndefined();
  await expect(probeEgress([])).resolves.toBeUndefined();
});

test('is tried again and again until closed', async () => {
  const heard: string[] = [];
  let hear = (): void => {};
  const note = (outcome: string): void => {
    heard.push(outcome);
    hear();
  };
  const next = (): Promise<void> => new Promise((resolve) => (hear = resolve));
  const watch = watchEgress({
    targets: [target],
    intervalMs: 5,
    onPassed: () => note('passed'),
    onFailed: () => note('failed'),
  });
  await next();
  expect(heard).toEqual(['failed']);
  await close();
  while (heard.at(-1) !== 'passed') await next();
  watch.close();
});
