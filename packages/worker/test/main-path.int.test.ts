import { createClient, type Client } from '@bullpen/client';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../tests/support/redis.ts';
import { startWorkerProcess, type TestWorker } from '../../../tests/support/worker.ts';

const wait = { timeoutMs: 15_000 };
const script = (text: string) => ({ argv: ['bash', '-c', text] });

let redis: TestRedis;
let worker: TestWorker;
let client: Client;
let queue: Queue;
let direct: Redis;

beforeAll(async () => {
  redis = await startRedis();
  worker = await startWorkerProcess(redis.socket, { BULLPEN_SLOTS: '2' });
  client = createClient({ connection: redis.socket });
  queue = new Queue('bullpen', { connection: { path: redis.socket }, prefix: '{bullpen}' });
  direct = new Redis(redis.socket);
});

afterAll(async () => {
  await client?.close();
  await queue?.close();
  direct?.disconnect();
  await worker?.close();
  await redis?.close();
});

describe('a job', () => {
  test('travels to a jail and its result back, with a receipt', async () => {
    const handle = await client.submit({
      id: 'first-job',
      profile: 'bash',
      files: [{ path: 'data/in.txt', content: 'a line\n' }],
      commands: [{ ...script('cat data/in.txt - > out.txt; echo done >&2; exit 3'), stdin: 'from stdin' }],
      collect: ['out.txt', 'absent.txt'],
      labels: { student: 's1' },
    });
    const result = await handle.result(wait);
    expect(result).toMatchObject({
      jobId: 'first-job',
      state: 'finished',
      profile: 'bash',
      labels: { student: 's1' },
      attempt: 1,
    });
    expect(result.commands[0]).toMatchObject({ outcome: { kind: 'exited', exitCode: 3 }, stderr: { data: 'done\n' } });
    expect(result.files).toMatchObject([
      { state: 'collected', data: 'a line\nfrom stdin' },
      { state: 'refused', reason: 'missing' },
    ]);
    expect(result.receipt?.worker).toBe(worker.workerId);
    expect(result.receipt?.layers.map(({ name }) => name)).toContain('seccomp');
    expect(await handle.state()).toBe('finished');
  });

  test('leaves one line of log, and nothing of its text in there', async () => {
    const handle = await client.submit({ profile: 'bash', commands: [script('echo SECRET-OF-THE-PROGRAM; exit 1')] });
    await handle.result(wait);
    await expect.poll(() => worker.log.filter((line) => line.job === handle.id)).toHaveLength(1);
    expect(worker.log.find((line) => line.job === handle.id)).toMatchObject({
      level: 30,
      msg: 'job ended',
      outcomes: { exited: 1 },
    });
    expect(JSON.stringify(worker.log)).not.toContain('SECRET-OF-THE-PROGRAM');
  });

  test('with a large result leaves only a summary in the queue and its events', async () => {
    const handle = await client.submit({ id: 'large', profile: 'bash', commands: [script('printf "%0100000d" 7')] });
    const result = await handle.result(wait);
    expect(result.commands[0]?.stdout.bytesKept).toBe(100_000);
    const record = await queue.getJob('large');
    expect(record?.returnvalue).toEqual({ state: 'finished', outcomes: { exited: 1 } });
    const events = await direct.xrange('{bullpen}:bullpen:events', '-', '+');
    expect(JSON.stringify(events).length).toBeLessThan(20_000);
    expect(await direct.pttl('{bullpen}:bullpen/result:large')).toBeGreaterThan(80_000_000);
  });

  test('submitted twice runs once', async () => {
    const first = await client.submit({ id: 'twice', profile: 'bash', commands: [script('echo first')] });
    const second = await client.submit({ id: 'twice', profile: 'bash', commands: [script('echo second')] });
    const [one, two] = await Promise.all([first.result(wait), second.result(wait)]);
    expect(one).toEqual(two);
    expect(one.commands[0]?.stdout.data).toBe('first\n');
    expect((await queue.getJob('twice'))?.attemptsStarted).toBe(1);
  });

  test('submitted again when the queue has forgotten it, but its result is still kept, does not run again', async () => {
    const first = await client.submit({ id: 'forgotten', profile: 'bash', commands: [script('echo first')] });
    const result = await first.result(wait);
    await expect.poll(async () => (await queue.getJob('forgotten'))?.finishedOn).toBeDefined();
    await queue.remove('forgotten');
    const second = await client.submit({ id: 'forgotten', profile: 'bash', commands: [script('echo second')] });
    expect(await second.result(wait)).toEqual(result);
    await expect
      .poll(async () => (await queue.getJob('forgotten'))?.returnvalue)
      .toEqual({ state: 'finished', outcomes: { exited: 1 } });
  });

  test('leaves its message, files and all, in Redis only for a while: at most a hundred ended jobs are kept', async () => {
    const jobs = Array.from({ length: 130 }, () => ({ profile: 'bash', commands: [{ argv: ['true'] }] }));
    const results: Promise<unknown>[] = [];
    for await (const handle of client.submitMany(jobs)) results.push(handle.result(wait));
    await Promise.all(results);
    await expect.poll(() => queue.getCompletedCount()).toBeLessThanOrEqual(100);
  });

  test('whose message does not parse fails at once, without another attempt', async () => {
    await queue.add('job', { v: 1, nonsense: true }, { jobId: 'malformed', attempts: 5 });
    await expect(client.job('malformed').result(wait)).rejects.toMatchObject({
      name: 'BullpenError',
      code: 'invalid-job',
    });
    expect(await queue.getJob('malformed')).toMatchObject({ attemptsMade: 1, attemptsStarted: 1 });
    expect(await client.job('malformed').state()).toBe('failed');
  });

  test('that waited past its expiresAt is failed as expired', async () => {
    const expiresAt = new Date(Date.now() - 1000).toISOString();
    const handle = await client.submit({ profile: 'bash', commands: [script('true')], expiresAt });
    await expect(handle.result(wait)).rejects.toMatchObject({ code: 'expired' });
  });

  test('asking above a ceiling is refused by the worker too, when a producer did not check', async () => {
    const job = { profile: 'bash', commands: [script('true')], limits: { openFiles: 65_536 } };
    await queue.add('job', { v: 1, submittedAt: 1, job }, { jobId: 'greedy', attempts: 5 });
    await expect(client.job('greedy').result(wait)).rejects.toMatchObject({ code: 'limit-above-ceiling' });
  });

  test('nobody submitted has no result', async () => {
    expect(await client.job('never-seen').state()).toBe('unknown');
    await expect(client.job('never-seen').result(wait)).rejects.toMatchObject({ code: 'result-missing' });
  });
});
