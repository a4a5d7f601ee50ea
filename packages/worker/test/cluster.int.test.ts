import { type Client, createClient } from '@bullpen/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../../tests/support/eventually.ts';
import { startRedisCluster, type TestRedisCluster } from '../../../tests/support/redis-cluster.ts';
import { startWorkerProcess, type TestWorker } from '../../../tests/support/worker.ts';
import { processesOf } from './support/process-tree.ts';

const wait = { timeoutMs: 20_000 };

let cluster: TestRedisCluster;
let worker: TestWorker;
let client: Client;

beforeAll(async () => {
  cluster = await startRedisCluster();
  worker = await startWorkerProcess(JSON.stringify({ cluster: cluster.nodes }));
  client = createClient({ connection: { cluster: cluster.nodes } });
});

afterAll(async () => {
  await client?.close();
  await worker?.close();
  await cluster?.close();
});

test('jobs, streams of jobs and results travel through a Redis Cluster', async () => {
  const job = { profile: 'bash', commands: [{ argv: ['echo', 'hello'] }] };
  const handle = await client.submit(job);
  expect((await handle.result(wait)).commands[0]?.stdout.data).toBe('hello\n');
  const results: string[] = [];
  for await (const { id } of client.submitMany(Array.from({ length: 20 }, () => job))) {
    results.push((await client.job(id).result(wait)).state);
  }
  expect(results).toEqual(Array.from({ length: 20 }, () => 'finished'));
});

test('a running job is cancelled through whichever node the announcement comes', async () => {
  const handle = await client.submit({ profile: 'bash', commands: [{ argv: ['sleep', '30'] }] });
  await eventually('the program runs', () => processesOf(worker.pid, 'sleep').length === 1);
  expect(await handle.cancel()).toBe(true);
  expect((await handle.result(wait)).state).toBe('cancelled');
});
