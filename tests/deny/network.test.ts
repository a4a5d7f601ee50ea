import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { onThisRung } from '../support/rung.ts';

const abstractName = `bullpen-test-${process.pid}`;
let fleet: Fleet;
let outside: Server;
beforeAll(async () => {
  fleet = await startFleet();
  outside = createServer((socket) => socket.end('hello'));
  await new Promise<void>((resolve) => outside.listen(`\0${abstractName}`, resolve));
});
afterAll(async () => {
  await fleet?.close();
  outside?.close();
});

test.for<[rule: string, probe: string, answer: string, twin: string]>([
  ['no IPv4 socket can be made', 'socket-inet', 'EACCES', 'a unix socket can be made'],
  ['no IPv6 socket can be made', 'socket-inet6', 'EACCES', 'a unix socket can be made'],
  ['no UDP socket can be made', 'socket-udp', 'EACCES', 'a unix socket can be made'],
  ['no raw socket can be made', 'socket-raw', 'EACCES', 'a unix socket can be made'],
  ['no netlink socket can be made', 'socket-netlink', 'EACCES', 'a unix socket can be made'],
  ['no packet socket can be made', 'socket-packet', 'EACCES', 'a unix socket can be made'],
  ['no vsock socket can be made', 'socket-vsock', 'EACCES', 'a unix socket can be made'],
  ['no crypto socket can be made', 'socket-alg', 'EACCES', 'a unix socket can be made'],
  ['no socket of any other family can be made', 'socket-any-other-family', 'EACCES', 'a unix socket can be made'],
  ['no pair of IPv4 sockets can be made', 'socketpair-inet', 'EACCES', 'a pair of unix sockets carries bytes'],
  ['no server of the host can be reached', 'connect-inet 127.0.0.1 22', 'EACCES', 'an own unix server can be reached'],
])('$0 (twin: $3)', async ([, words, expected]) => {
  expect((await fleet.probe(words)).answer).toBe(expected);
});

test('an abstract address outside cannot be reached (twin: an own abstract address can be reached)', async () => {
  expect((await fleet.probe(`connect-unix @${abstractName}`)).answer).toBe(
    onThisRung({ namespaces: 'ECONNREFUSED', classic: 'EACCES' }),
  );
});

test('Redis cannot be reached by its socket (twin: an own unix server can be reached)', async () => {
  expect((await fleet.probe(`connect-unix ${fleet.redisSocket}`)).answer).toBe(
    onThisRung({ namespaces: 'ENOENT', classic: 'EACCES' }),
  );
});

test.for<[kind: string, answers: { namespaces: string; classic: string }]>([
  ['stream', { namespaces: 'through', classic: 'through' }],
  ['seqpacket', { namespaces: 'through', classic: 'through' }],
  // Either of a pair of these can be connected to another address.
  ['dgram', { namespaces: 'through', classic: 'EACCES' }],
])(
  'a pair of %s sockets is made where it leads nowhere else (twin: a pair of unix sockets carries bytes)',
  async ([kind, answers]) => {
    expect((await fleet.probe(`socketpair-kind ${kind}`)).answer).toBe(onThisRung(answers));
  },
);

test('pure-python can make no socket at all (twin: a unix socket can be made)', async () => {
  const script =
    'import _socket as s\nfor f in range(64):\n  try: s.socket(f, 1); print("through", f)\n  except OSError as e: pass\nprint("done")';
  const result = await fleet.run({
    profile: 'pure-python',
    files: [{ path: 'm.py', content: script }],
    commands: [{ argv: ['python3', 'm.py'] }],
  });
  expect(result.commands[0]?.stdout.data).toBe('done\n');
});
