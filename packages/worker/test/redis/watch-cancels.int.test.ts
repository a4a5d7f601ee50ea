import { cancelChannel, cancelKey, defaultFleetNames } from '@bullpen/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { createRunningJobs } from '../../src/job/running-jobs.ts';
import { connectRedis, type RedisConnection } from '../../src/redis/connect.ts';
import { watchCancels } from '../../src/redis/watch-cancels.ts';

let server: TestRedis;
let connections: RedisConnection[] = [];

/** Errors of connections whose server is killed on purpose. */
const ignore = (): void => {};

function connect(): RedisConnection {
  const connection = connectRedis(server.socket, ignore);
  connections.push(connection);
  return connection;
}

beforeEach(async () => {
  server = await startRedis({ appendFsync: 'always' });
});

afterEach(async () => {
  for (const connection of connections) connection.disconnect();
  connections = [];
  await server.close();
});

test('an announced job is stopped, another one goes on', async () => {
  const running = createRunningJobs();
  const [wanted, unwanted] = [running.begin('wanted'), running.begin('unwanted')];
  const commands = connect();
  await watchCancels({ listener: connect(), commands, names: defaultFleetNames, running, onError: ignore });
  await commands.publish(cancelChannel(defaultFleetNames), 'unwanted');
  await expect.poll(() => unwanted.signal.reason).toBe('cancelled');
  expect(wanted.signal.aborted).toBe(false);
});

test('a job cancelled while the listener was cut off is stopped when it is back', async () => {
  const running = createRunningJobs();
  const job = running.begin('unheard');
  const [commands, listener] = [connect(), connect()];
  await watchCancels({ listener, commands, names: defaultFleetNames, running, onError: ignore });
  await commands.set(cancelKey(defaultFleetNames, 'unheard'), '1');
  await server.kill();
  await server.start();
  await expect.poll(() => job.signal.reason, { timeout: 5000 }).toBe('cancelled');
});
