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

test('equal jobs that come together are run once, and answered later too', async () => {
  const job = { profile: 'bash', commands: [{ argv: ['bash', '-c', 'sleep 0.3; date +%s%N'] }], cache: {} };
  const handles = await Promise.all(Array.from({ length: 5 }, () => client.submit(job)));
  const results = await Promise.all(handles.map((handle) => handle.result(wait)));
  results.push(await (await client.submit(job)).result(wait));
  expect(results.filter(({ receipt }) => receipt?.cached === undefined)).toHaveLength(1);
  expect(worker.log.map(({ msg }) => msg)).not.toContain('result cache error');
});

test('a running job is cancelled through whichever node the announcement comes', async () => {
  const handle = await client.submit({ profile: 'bash', commands: [{ argv: ['sleep', '30'] }] });
  await eventually('the program runs', () => processesOf(worker.pid, 'sleep').length === 1);
  expect(await handle.cancel()).toBe(true);
  expect((await handle.result(wait)).state).toBe('cancelled');
});

test('the output of a running job is followed through whichever nodes', async () => {
  const handle = await client.submit({ profile: 'bash', commands: [{ argv: ['bash', '-c', 'echo one; sleep 30'] }] });
  const seen: string[] = [];
  for await (const item of handle.output(wait)) {
    seen.push(item.kind === 'output' ? Buffer.from(item.bytes).toString() : item.kind);
    await handle.cancel();
  }
  expect(seen).toEqual(['one\n']);
  expect((await handle.result(wait)).state).toBe('cancelled');
});

test('the places of a key are counted, and are free when their jobs have ended', async () => {
  const take = async (jobId: string): Promise<string> =>
    (await client.quotas.take('k', { rate: { perSecond: 100, burst: 100 }, place: { jobId, mark: jobId, atMost: 1 } }))
      .kind;
  expect([await take('k.1'), await take('k.2')]).toEqual(['taken', 'too-many']);
  await (await client.submit({ id: 'k.1', profile: 'bash', commands: [{ argv: ['true'] }] })).result(wait);
  await eventually('the place is free', async () => (await take('k.2')) === 'taken');
});
