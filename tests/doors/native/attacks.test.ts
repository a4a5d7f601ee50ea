import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../../support/fleet.ts';
import { type GatewayProcess, startGatewayProcess } from './support/gateway-process.ts';
import { shellJob } from './support/native-gateway.ts';
import { openRaw, sayRaw, statusesOf } from './support/raw-client.ts';

const bodyBytes = 65_536;
let fleet: Fleet;
let gateway: GatewayProcess;

beforeAll(async () => {
  fleet = await startFleet();
  gateway = await startGatewayProcess(fleet.redisSocket, {
    BULLPEN_HTTP_BODY_BYTES: `${bodyBytes}`,
    BULLPEN_HTTP_BODIES_BYTES: `${2 * bodyBytes}`,
    BULLPEN_HTTP_HEADERS_TIMEOUT_MS: '3000',
    BULLPEN_HTTP_KEEP_ALIVE_TIMEOUT_MS: '1000',
  });
});
afterAll(async () => {
  await gateway?.close();
  await fleet?.close();
});

/** Whatever a request does, the next one is answered as if it had not been. */
afterEach(async () => {
  const job = JSON.stringify(shellJob('echo next'));
  const headers = { 'content-type': 'application/json' };
  const next = await gateway.ask('/v1/jobs?wait=40', { method: 'POST', body: job, headers });
  const text = await next.text();
  if (next.status !== 200 || !text.includes('next')) throw new Error(`The next one got ${next.status}: ${text}`);
});

const small = JSON.stringify(shellJob('true'));
const authorized = (): string => `Host: localhost\r\nAuthorization: ${gateway.authorization}\r\n`;
/** The head of a job's submission, with more lines. */
const post = (lines: string): string =>
  `POST /v1/jobs HTTP/1.1\r\n${authorized()}Content-Type: application/json\r\n${lines}\r\n`;
const smuggled = 'GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n';

describe('requests whose end could be told in two ways', () => {
  test.for<[what: string, text: () => string]>([
    ['two lengths', () => post(`Content-Length: ${small.length}\r\nContent-Length: 0\r\n`)],
    ['the same length twice', () => post(`Content-Length: ${small.length}\r\nContent-Length: ${small.length}\r\n`)],
    ['a list of lengths', () => post(`Content-Length: ${small.length}, 0\r\n`)],
    ['a length with a sign', () => post(`Content-Length: +${small.length}\r\n`)],
    ['a length in hexadecimal', () => post(`Content-Length: 0x10\r\n`)],
    ['a length below zero', () => post(`Content-Length: -1\r\n`)],
    ['a length beyond all numbers', () => post(`Content-Length: 99999999999999999999999\r\n`)],
    ['a length and chunks', () => post(`Content-Length: ${small.length}\r\nTransfer-Encoding: chunked\r\n`)],
    ['chunks and a length', () => post(`Transfer-Encoding: chunked\r\nContent-Length: ${small.length}\r\n`)],
    ['chunks that are not last', () => post('Transfer-Encoding: chunked, identity\r\n')],
    ['an encoding that is none', () => post('Transfer-Encoding: xchunked\r\n')],
    ['a blank before the colon', () => post(`Content-Length : ${small.length}\r\n`)],
    ['a folded line', () => post(`X-Folded: a\r\n Content-Length: ${small.length}\r\n`)],
    ['a line feed alone', () => post(`X-A: b\nContent-Length: ${small.length}\r\n`)],
    ['a carriage return alone', () => post(`X-A: b\rContent-Length: ${small.length}\r\n`)],
    ['a NUL', () => post(`X-A: b\0c\r\nContent-Length: ${small.length}\r\n`)],
  ])('with %s are refused, and nothing behind them is read', async ([, text]) => {
    const answer = await sayRaw(gateway.port, text() + small + smuggled);
    expect(statusesOf(answer)).toEqual([400]);
  });

  test.for<[what: string, chunks: string]>([
    ['a size that is no number', 'zz\r\n{}\r\n0\r\n\r\n'],
    ['a size beyond all numbers', 'fffffffffffffffff\r\n{}\r\n0\r\n\r\n'],
    ['a size below zero', '-2\r\n{}\r\n0\r\n\r\n'],
    ['more bytes than its size', '2\r\n{}x\r\n0\r\n\r\n'],
  ])('and chunks with %s, too', async ([, chunks]) => {
    const answer = await sayRaw(gateway.port, post('Transfer-Encoding: chunked\r\n') + chunks + smuggled);
    expect(statusesOf(answer).filter((status) => status < 300)).toEqual([]);
  });

  test('the honest twins of both are read', async () => {
    const chunked = `${small.length.toString(16)}\r\n${small}\r\n0\r\n\r\n`;
    const last = 'Connection: close\r\n';
    const answers = await Promise.all([
      sayRaw(gateway.port, post(`Content-Length: ${small.length}\r\n${last}`) + small),
      sayRaw(gateway.port, post(`Transfer-Encoding: chunked\r\n${last}`) + chunked),
    ]);
    expect(answers.map(statusesOf)).toEqual([[202], [202]]);
  });
});

describe('requests of a wrong shape', () => {
  test.for<[what: string, text: string, status: number]>([
    ['no host', 'GET /live HTTP/1.1\r\n\r\n', 400],
    ['a host that is none', 'GET /live HTTP/1.1\r\nHost: a b\r\n\r\n', 400],
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['an unknown method', 'BREW /live HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
    ['another protocol', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['a backslash in its path', 'GET \\live HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
    ['a long path', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431],
    ['a long header', `GET /live HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['many headers', `GET /live HTTP/1.1\r\nHost: localhost\r\n${'X: y\r\n'.repeat(5000)}\r\n`, 431],
  ])('with %s are refused', async ([, text, status]) => {
    expect(statusesOf(await sayRaw(gateway.port, text))).toEqual([status]);
  });

  test('are not let into a tunnel', async () => {
    expect(
      statusesOf(await sayRaw(gateway.port, 'CONNECT localhost:6379 HTTP/1.1\r\nHost: localhost\r\n\r\n')),
    ).toEqual([]);
    const upgrade = 'GET /live HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n';
    expect(statusesOf(await sayRaw(gateway.port, upgrade)).filter((status) => status < 200)).toEqual([]);
  });
});

describe('bodies', () => {
  test('longer than they say are no second request', async () => {
    const text = `${post(`Content-Length: ${small.length}\r\n`)}${small}{"more":1}\r\n\r\n`;
    const statuses = statusesOf(await sayRaw(gateway.port, text));
    // The connection may be closed before the first one is answered.
    expect([[202, 400], [400]]).toContainEqual(statuses);
  });

  test('that are too large by their own word are refused before they are sent', async () => {
    const client = await openRaw(gateway.port);
    client.send(post(`Content-Length: ${bodyBytes + 1}\r\n`));
    const answer = await client.closed();
    expect(statusesOf(answer)).toEqual([413]);
    expect(answer).toContain('"code":"body-too-large"');
  });

  test('that are sent all the same leave the answer to be read', async () => {
    const client = await openRaw(gateway.port);
    let reset = false;
    client.socket.on('error', () => (reset = true));
    client.send(post(`Content-Length: ${200 * bodyBytes}\r\nConnection: close\r\n`));
    for (let sent = 0; sent < 200; sent += 1) client.send('x'.repeat(bodyBytes));
    expect([statusesOf(await client.closed()), reset]).toEqual([[413], false]);
  });

  test('that become too large are refused where they do', async () => {
    const client = await openRaw(gateway.port);
    client.send(post('Transfer-Encoding: chunked\r\n'));
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
    for (let sent = 0; sent < bodyBytes + 0x4000; sent += 0x4000) client.send(chunk);
    expect(statusesOf(await client.closed())).toEqual([413]);
  });

  test('as large as they may be are read', async () => {
    const padded = `${small}${' '.repeat(bodyBytes - small.length)}`;
    const answer = await sayRaw(
      gateway.port,
      post(`Content-Length: ${padded.length}\r\nConnection: close\r\n`) + padded,
    );
    expect(statusesOf(answer)).toEqual([202]);
  });

  test('of all requests together are bounded', async () => {
    const held = await Promise.all([openRaw(gateway.port), openRaw(gateway.port)]);
    for (const client of held) client.send(`${post(`Content-Length: ${bodyBytes}\r\n`)}${'x'.repeat(bodyBytes - 1)}`);
    let answer = '';
    do {
      answer = await sayRaw(gateway.port, post(`Content-Length: ${small.length}\r\nConnection: close\r\n`) + small);
    } while (statusesOf(answer)[0] === 202);
    expect(statusesOf(answer)).toEqual([503]);
    expect(answer).toMatch(/\r\nretry-after: \d/i);
    for (const { socket } of held) socket.destroy();
  });

  test('are not even asked for without a key', async () => {
    const client = await openRaw(gateway.port);
    client.send(`POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${bodyBytes}\r\n\r\n`);
    expect(statusesOf(await client.closed())).toEqual([401]);
  });
});

describe('many requests on one connection', () => {
  test('are answered in their order', async () => {
    const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\n${authorized()}${more}\r\n`;
    const text =
      get('/v1/profiles') +
      get('/nowhere') +
      get('/live') +
      get('/v1/jobs/ci.none') +
      get('/live', 'Connection: close\r\n');
    expect(statusesOf(await sayRaw(gateway.port, text))).toEqual([200, 404, 200, 404, 200]);
  });

  test('end it when nobody could want so many at once, and cost the others nothing', async () => {
    const client = await openRaw(gateway.port);
    client.send(`GET /v1/jobs/ci.none/result?wait=60 HTTP/1.1\r\n${authorized()}\r\n`.repeat(2000));
    const ended = client.closed();
    expect((await gateway.ask('/live')).status).toBe(200);
    expect(statusesOf(await ended).length).toBeLessThan(20);
  });
});
