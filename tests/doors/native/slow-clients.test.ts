import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { type Fleet, startFleet } from '../../support/fleet.ts';
import { patience } from '../../support/patience.ts';
import { type GatewayProcess, startGatewayProcess } from './support/gateway-process.ts';
import { shellJob } from './support/native-gateway.ts';
import { openRaw, type RawClient } from './support/raw-client.ts';

const program = fileURLToPath(new URL('support/slow-clients.ts', import.meta.url));
const perAddress = 20;
const requestMs = 12_000 * patience;
const stallMs = 2000;

let fleet: Fleet;
let gateway: GatewayProcess;
/** What clients were answered that began a request and did not end it; begun first, since each has its time. */
let slowSends: Promise<readonly string[]>;

beforeAll(async () => {
  fleet = await startFleet();
  gateway = await startGatewayProcess(fleet.redisSocket, {
    BULLPEN_HTTP_CONNECTIONS: '12000',
    BULLPEN_HTTP_CONNECTIONS_PER_ADDRESS: `${perAddress}`,
    BULLPEN_HTTP_HEADERS_TIMEOUT_MS: `${requestMs}`,
    BULLPEN_HTTP_REQUEST_TIMEOUT_MS: `${requestMs}`,
    BULLPEN_HTTP_STALL_TIMEOUT_MS: `${stallMs}`,
  });
  const begun = ['', 'Content-Length: 100\r\n\r\n{', 'Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n'];
  slowSends = Promise.all(begun.map(sendSlowly));
  slowSends.catch(() => {}); // heard of by its test
});
afterAll(async () => {
  await gateway?.close();
  await fleet?.close();
});

async function sendSlowly(begun: string): Promise<string> {
  const client = await openRaw(gateway.port);
  client.send(`POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${gateway.authorization}\r\n${begun}`);
  return client.closed();
}

const runJob = (script: string, more: Readonly<Record<string, unknown>> = {}): Promise<Response> =>
  gateway.ask('/v1/jobs?wait=40', {
    method: 'POST',
    body: JSON.stringify(shellJob(script, more)),
    headers: { 'content-type': 'application/json' },
  });

describe('ten thousand slow clients', () => {
  const count = 10_000;
  const told = { open: 0, cut: 0 };
  let slow: ChildProcess;

  beforeAll(() => {
    slow = spawn(process.execPath, [program, `${gateway.port}`, `${count}`], { stdio: ['ignore', 'pipe', 'inherit'] });
    if (slow.stdout === null) throw new Error('The slow clients have no output.');
    createInterface({ input: slow.stdout }).on('line', (line) => Object.assign(told, JSON.parse(line)));
  });
  afterAll(() => void slow.kill('SIGKILL'));

  test('keep nobody from being answered, and are cut off', async () => {
    const before = gateway.residentBytes();
    await eventually('most of them are connected', () => told.open > count * 0.7, 20_000);
    const answer = await runJob('echo served');
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('served')]);
    expect(gateway.residentBytes() - before).toBeLessThan(400 * 2 ** 20);
    await eventually('all of them are cut off', () => told.cut >= count && told.open === 0, 30_000);
    expect((await gateway.ask('/live')).status).toBe(200);
  });
});

describe('many connections of one address', () => {
  test('push out the idle ones among them, and not those that are answered', async () => {
    const from = '127.0.0.77';
    const busy = await openRaw(gateway.port, { from });
    busy.send(
      `GET /v1/jobs/ci.none/result?wait=30 HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${gateway.authorization}\r\n\r\n`,
    );
    const idle: RawClient[] = [];
    for (let index = 0; index < perAddress * 3; index += 1) idle.push(await openRaw(gateway.port, { from }));
    await eventually(
      'the older ones are closed',
      () => idle.filter(({ socket }) => socket.closed).length === perAddress * 2 + 1,
    );
    expect(idle.slice(-perAddress + 1).map(({ socket }) => socket.closed)).not.toContain(true);
    const newcomer = await openRaw(gateway.port, { from });
    newcomer.send('GET /live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    expect(await newcomer.closed()).toContain('200 OK');
    expect(busy.socket.closed).toBe(false);
    for (const { socket } of [busy, ...idle]) socket.destroy();
  });
});

describe('a client that sends slowly', () => {
  test('is cut off, whether it is in its head, its body or its chunks', async () => {
    for (const answer of await slowSends) expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
  });

  test('a body in pieces that come in time is read', async () => {
    const body = JSON.stringify(shellJob('true'));
    const client = await openRaw(gateway.port);
    client.send(
      `POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${gateway.authorization}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    for (const byte of body) client.send(byte);
    expect(await client.closed()).toMatch(/^HTTP\/1\.1 202 /);
  });
});

describe('a client that does not read', () => {
  // More than the kernel's buffers of a connection hold.
  const flood = 'head -c 8000000 /dev/urandom';
  const limits = { outputBytes: 8_000_000 };
  const runFlood = async (): Promise<{ jobId: string; commands: { stdout: { data: string } }[] }> => {
    const response = await runJob(flood, { limits });
    const text = await response.text();
    expect([response.status, text.slice(0, 300)]).toEqual([200, expect.stringContaining('"jobId"')]);
    return JSON.parse(text);
  };

  test('is cut off, and its answer does not pile up', async () => {
    const { jobId } = await runFlood();
    const before = gateway.residentBytes();
    const clients = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        const client = await openRaw(gateway.port);
        client.socket.pause();
        const path = `/v1/jobs/${jobId}/${index % 2 === 0 ? 'events' : 'result'}`;
        client.send(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${gateway.authorization}\r\n\r\n`);
        return client;
      }),
    );
    const metric = async (): Promise<number> => {
      const text = await (await gateway.ask('/metrics')).text();
      return Number(/^bullpen_http_connections (\d+)$/m.exec(text)?.[1]);
    };
    await eventually('all of them are connected', async () => (await metric()) > 10);
    await eventually('all of them are cut off', async () => (await metric()) < 10, 20_000);
    expect(gateway.residentBytes() - before).toBeLessThan(300 * 2 ** 20);
    for (const { socket } of clients) socket.destroy();
  });

  test('one that reads gets everything', async () => {
    const { commands } = await runFlood();
    expect(Buffer.from(commands[0]?.stdout.data ?? '', 'base64').length).toBe(8_000_000);
  });
});
