import { type Client, createClient } from '@bullpen/client';
import type { Result } from '@bullpen/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../../tests/support/eventually.ts';
import { startRedis, type TestRedis } from '../../../tests/support/redis.ts';
import { startWorkerProcess, type TestWorker } from '../../../tests/support/worker.ts';
import { processesOf } from './support/process-tree.ts';

let redis: TestRedis;
let client: Client;
let worker: TestWorker;

beforeEach(async () => {
  redis = await startRedis();
  client = createClient({ connection: redis.socket });
  worker = await startWorkerProcess(redis.socket);
});
afterEach(async () => {
  await client.close();
  await worker.close();
  await redis.close();
});

/** As the OOM killer would where the forker could not be taken from its list. One that has just ended with its keeper does not count. */
async function killForker(): Promise<number> {
  let killed = 0;
  await eventually('a forker is killed', () => {
    const [forker = 0] = processesOf(worker.pid, 'bullpen-forker');
    if (forker !== 0 && isKilled(forker)) killed = forker;
    return killed !== 0;
  });
  return killed;
}

function isKilled(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

async function answer(seconds: number): Promise<Result> {
  const commands = [{ argv: ['bash', '-c', `sleep ${seconds}; echo 42`] }];
  return (await client.submit({ profile: 'bash', commands })).result({ timeoutMs: 20_000 });
}

const solved = {
  state: 'finished',
  commands: [{ outcome: { kind: 'exited', exitCode: 0 }, stdout: { data: '42\n' } }],
};

test('a forker that dies while jobs run and wait costs none of them its result', async () => {
  const running = [answer(0.5), answer(0), answer(0)];
  await eventually('the first job runs', () => processesOf(worker.pid, 'sleep').length > 0);
  const killed = await killForker();
  for (const result of await Promise.all(running)) expect(result).toMatchObject(solved);
  await eventually('there is another', () => processesOf(worker.pid, 'bullpen-forker').some((pid) => pid !== killed));
  expect(await answer(0)).toMatchObject({ ...solved, attempt: 1 });
});

test('a forker that dies while the slot is idle, again and again, costs no job its result', async () => {
  for (let round = 0; round < 4; round += 1) {
    await killForker();
    expect(await answer(0)).toMatchObject(solved);
    await eventually('there is a forker', () => processesOf(worker.pid, 'bullpen-forker').length === 1);
  }
});
