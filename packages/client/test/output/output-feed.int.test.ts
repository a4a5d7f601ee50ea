import { defaultFleetNames, followChannel, followKey, outputChannel } from '@bullpen/protocol';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { type Client, createClient } from '../../src/create-client.ts';
import type { OutputItem } from '../../src/output/output-item.ts';
import { piece, show } from './literal-output.ts';

let server: TestRedis;
let direct: Redis;
/** Hears what workers hear. */
let worker: Redis;
let workerId: string;
let announced: string[] = [];
let client: Client;

beforeAll(async () => {
  server = await startRedis();
  direct = new Redis(server.socket);
  worker = new Redis(server.socket);
  workerId = String(await worker.client('ID'));
  await worker.subscribe(followChannel(defaultFleetNames));
  worker.on('message', (_channel, jobId: string) => announced.push(jobId));
});

afterEach(async () => {
  await client.close();
  announced = [];
});

afterAll(async () => {
  direct.disconnect();
  worker.disconnect();
  await server.close();
});

/** Follows a job that a worker of the test runs; resolves when it is announced. */
async function follow(id: string): Promise<{ readonly items: OutputItem[]; leave(): Promise<unknown> }> {
  const items: OutputItem[] = [];
  const before = announced.length;
  const output = client.job(id).output();
  const loop = (async () => {
    for await (const item of output) items.push(item);
  })();
  loop.catch(() => {}); // the end of the client ends it
  await expect.poll(() => announced.length).toBeGreaterThan(before);
  return { items, leave: () => output.return?.() ?? loop };
}

/** Makes a job that the queue counts as running, and that no worker ends. */
async function makeRunningJob(id: string): Promise<void> {
  const base = `${defaultFleetNames.prefix}:${defaultFleetNames.queue}`;
  await direct.hset(`${base}:${id}`, { name: 'job', data: '{}' });
  await direct.lpush(`${base}:active`, id);
}

const say = (id: string, message: unknown) =>
  direct.publish(outputChannel(defaultFleetNames, id), typeof message === 'string' ? message : JSON.stringify(message));

/** Ids of the connections that listen, but our own. */
async function listeners(): Promise<readonly string[]> {
  const ids = String(await direct.client('LIST', 'TYPE', 'PUBSUB')).matchAll(/^id=(\d+) /gm);
  return Array.from(ids, ([, id = '']) => id).filter((id) => id !== workerId);
}

describe('following jobs', () => {
  test('takes one connection, made with the first follow and closed with the client', async () => {
    client = createClient({ connection: server.socket });
    await client.backlog();
    expect(await listeners()).toEqual([]);
    for (let job = 0; job < 20; job += 1) {
      await makeRunningJob(`one-${job}`);
      await follow(`one-${job}`);
    }
    expect(await listeners()).toHaveLength(1);
    await client.close();
    await expect.poll(listeners).toEqual([]);
  });

  test('leaves a mark that ends by itself, and the channel as soon as nobody of the client follows', async () => {
    client = createClient({ connection: server.socket });
    await makeRunningJob('marked');
    const [first, second] = [await follow('marked'), await follow('marked')];
    expect(await direct.pttl(followKey(defaultFleetNames, 'marked'))).toBeGreaterThan(20_000);
    await first.leave();
    expect(await say('marked', piece('a'))).toBe(1);
    await expect.poll(() => show(second.items)).toEqual(['0 stdout a']);
    await second.leave();
    await expect.poll(() => say('marked', piece('b'))).toBe(0);
    expect(first.items).toEqual([]);
  });

  test('drops what is no message, and what is one of another job', async () => {
    client = createClient({ connection: server.socket });
    await makeRunningJob('hostile');
    const { items } = await follow('hostile');
    for (const nonsense of [
      '',
      '{',
      'null',
      '[]',
      '{"kind":"output"}',
      { ...piece('x'), attempt: -1 },
      'x'.repeat(1e6),
    ])
      await say('hostile', nonsense);
    await say('other', piece('y'));
    await say('hostile', piece('right'));
    await expect.poll(() => show(items)).toEqual(['0 stdout right']);
  });

  test('goes on when the connection was cut, and asks for what it may have missed', async () => {
    client = createClient({ connection: server.socket });
    await makeRunningJob('cut');
    const { items } = await follow('cut');
    await say('cut', piece('a'));
    await expect.poll(() => show(items)).toEqual(['0 stdout a']);
    for (const id of await listeners()) await direct.client('KILL', 'ID', id);
    await expect.poll(() => announced.filter((id) => id === 'cut').length, { timeout: 5000 }).toBeGreaterThan(1);
    await say('cut', piece('abc'));
    await expect.poll(() => show(items)).toEqual(['0 stdout a', '0 stdout bc']);
  });

  test('is announced again while no worker is heard, and when the mark had run out; the mark is set again anyway', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      client = createClient({ connection: server.socket });
      await makeRunningJob('refreshed');
      const { items } = await follow('refreshed');
      vi.advanceTimersByTime(10_000);
      await expect.poll(() => announced).toHaveLength(2);
      await say('refreshed', piece('a'));
      await expect.poll(() => items).toHaveLength(1);
      const key = followKey(defaultFleetNames, 'refreshed');
      await direct.pexpire(key, 25_000);
      vi.advanceTimersByTime(10_000);
      await expect.poll(() => direct.pttl(key)).toBeGreaterThan(25_000);
      expect(announced).toHaveLength(2);
      await direct.del(key);
      vi.advanceTimersByTime(10_000);
      await expect.poll(() => announced).toHaveLength(3);
    } finally {
      vi.useRealTimers();
    }
  });
});
