import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../tests/support/redis.ts';
import { type Client, createClient } from '../src/index.ts';

const run = promisify(execFile);

let redis: TestRedis;
let client: Client;

beforeAll(async () => {
  redis = await startRedis();
  client = createClient({ connection: redis.socket });
});

afterAll(async () => {
  await client?.close();
  await redis?.close();
});

test('5,000 jobs of 20 KB are streamed in order by a producer whose whole heap is half their size', {
  timeout: 180_000,
}, async () => {
  const program = join(import.meta.dirname, 'support/stream-jobs.ts');
  const flags = ['--conditions=@bullpen/source', '--max-old-space-size=50'];
  const { stdout } = await run(process.execPath, [...flags, program, redis.socket, '5000', '20000']);
  expect(JSON.parse(stdout)).toEqual({ submitted: 5000, inOrder: true });
  expect(await client.job('many-0').state()).toBe('waiting');
  expect(await client.job('many-4999').state()).toBe('waiting');
});

test('a bad job of a stream names its place, after the handles of those before it', async () => {
  const good = { profile: 'bash', commands: [{ argv: ['true'] }] };
  const ids: string[] = [];
  const drain = async (): Promise<void> => {
    for await (const { id } of client.submitMany([
      { ...good, id: 'ok-1' },
      { ...good, profile: 'cobol', id: 'bad-2' },
      good,
    ]))
      ids.push(id);
  };
  await expect(drain()).rejects.toThrow(/^job 1 of the stream \(id bad-2\)/);
  expect(ids).toEqual(['ok-1']);
  expect(await client.job('ok-1').state()).toBe('waiting');
});
