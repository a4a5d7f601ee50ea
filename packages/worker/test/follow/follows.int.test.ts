import { defaultFleetNames, followChannel, followKey, type LiveOutput, outputChannel } from '@bullpen/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { type Follows, openFollows } from '../../src/follow/follows.ts';
import { publishTimes } from '../../src/follow/publish-output.ts';
import { connectRedis, type RedisConnection } from '../../src/redis/connect.ts';

let server: TestRedis;
let connections: RedisConnection[] = [];
let commands: RedisConnection;
let follows: Follows;
/** What a follower of every job hears. */
let heard: string[] = [];

/** Errors of connections whose server is killed on purpose. */
const ignore = (): void => {};

function connect(): RedisConnection {
  const connection = connectRedis(server.socket, ignore);
  connections.push(connection);
  return connection;
}

beforeEach(async () => {
  server = await startRedis({ appendFsync: 'always' });
  commands = connect();
  follows = await openFollows({ listener: connect(), commands, names: defaultFleetNames, onError: ignore });
  const follower = connect();
  heard = [];
  await follower.subscribe(outputChannel(defaultFleetNames, 'a'), outputChannel(defaultFleetNames, 'b'));
  follower.on('message', (channel: string, text: string) => {
    const message = JSON.parse(text) as LiveOutput;
    const what = message.kind === 'output' ? Buffer.from(message.data, 'base64').toString() : message.kind;
    heard.push(`${channel.slice(-1)} ${message.attempt} ${what}`);
  });
});

afterEach(async () => {
  for (const connection of connections) connection.disconnect();
  connections = [];
  await server.close();
});

test('the output of a job that is announced is published, that of another one is not', async () => {
  const [a, b] = [follows.begin('a', 1), follows.begin('b', 1)];
  a.output.wrote(0, 'stdout', Buffer.from('of a'));
  b.output.wrote(0, 'stdout', Buffer.from('of b'));
  await commands.publish(followChannel(defaultFleetNames), 'a');
  await expect.poll(() => heard).toEqual(['a 1 started', 'a 1 of a']);
  a.end();
  b.follow();
  await expect.poll(() => heard).toEqual(['a 1 started', 'a 1 of a', 'b 1 started', 'b 1 of b']);
  await commands.publish(followChannel(defaultFleetNames), 'a');
  b.output.wrote(0, 'stdout', Buffer.from('of b, too'));
  await expect.poll(() => heard.at(-1)).toBe('b 1 , too');
  expect(heard.filter((line) => line.startsWith('a'))).toHaveLength(2);
  b.end();
});

test('both runs of a job are told when it came back before its first run was known to be lost', async () => {
  const [first, second] = [follows.begin('a', 1), follows.begin('a', 2)];
  await commands.publish(followChannel(defaultFleetNames), 'a');
  await expect.poll(() => heard.toSorted()).toEqual(['a 1 started', 'a 2 started']);
  first.end();
  second.output.wrote(0, 'stderr', Buffer.from('x'));
  await expect.poll(() => heard).toContain('a 2 x');
  second.end();
});

test('who follows while the worker is cut off is found by his mark when it is back', async () => {
  const run = follows.begin('a', 1);
  run.output.wrote(0, 'stdout', Buffer.from('text'));
  await commands.set(followKey(defaultFleetNames, 'a'), '1');
  await server.kill();
  await server.start();
  await expect.poll(() => heard, { timeout: 5000 }).toEqual(expect.arrayContaining(['a 1 started', 'a 1 text']));
  run.end();
});

test('a run whose mark has run out is told no more, until somebody follows again', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    const run = follows.begin('a', 1);
    const key = followKey(defaultFleetNames, 'a');
    await commands.set(key, '1');
    run.follow();
    run.output.wrote(0, 'stdout', Buffer.from('1'));
    await expect.poll(() => heard.at(-1)).toBe('a 1 1');
    vi.advanceTimersByTime(publishTimes.lookMs);
    run.output.wrote(0, 'stdout', Buffer.from('12'));
    await expect.poll(() => heard.at(-1)).toBe('a 1 2');
    await commands.del(key);
    vi.advanceTimersByTime(publishTimes.lookMs);
    run.output.wrote(0, 'stdout', Buffer.from('123'));
    await expect.poll(() => run.isFollowed).toBe(false);
    run.output.wrote(0, 'stdout', Buffer.from('1234'));
    await commands.publish(followChannel(defaultFleetNames), 'a');
    await expect.poll(() => heard.slice(3)).toEqual(['a 1 started', 'a 1 1234']);
    run.end();
  } finally {
    vi.useRealTimers();
  }
});
