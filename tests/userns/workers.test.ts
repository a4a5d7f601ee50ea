import { readdirSync } from 'node:fs';
import { createClient } from '@bullpen/client';
import type { CommandReport } from '@bullpen/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { firstOf } from '../support/fleet.ts';
import { familyOf, nameOf } from '../support/host-count.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import type { TestWorker } from '../support/worker.ts';
import { makeOrdinaryUser, type OrdinaryUser } from './support/ordinary-user.ts';

async function startOwnRedis(): Promise<TestRedis> {
  const redis = await startRedis();
  onTestFinished(() => redis.close());
  return redis;
}

async function addWorker(
  user: OrdinaryUser,
  redis: TestRedis,
  settings: Readonly<Record<string, string>> = {},
): Promise<TestWorker> {
  const worker = await user.startWorker(redis.socket, settings);
  onTestFinished(() => worker.close());
  return worker;
}

/** Runs shell scripts from a queue, and answers the reports of their one command. */
function openQueue(redis: TestRedis, queue = 'bullpen'): (script: string) => Promise<CommandReport> {
  const client = createClient({ connection: redis.socket, queue });
  onTestFinished(() => client.close());
  return async (script) => {
    const limits = { processes: 40, wallTimeMs: 20_000 };
    const handle = await client.submit({ profile: 'bash', commands: [{ argv: ['bash', '-c', script] }], limits });
    return firstOf((await handle.result({ timeoutMs: 50_000 })).commands);
  };
}

/** Forks without end for three seconds, then speaks. */
const bomb = 'exec {never}<><(:); bomb() { bomb | bomb & }; bomb; read -t 3 -u $never; echo bombed';
const forking = 'for round in 1 2 3 4 5; do for i in {1..20}; do sleep 0.2 & done; wait; done; echo forked';

test('a fork bomb never keeps the job in the next slot from forking: each slot’s namespace has a count of its own', async () => {
  const redis = await startOwnRedis();
  const worker = await addWorker(makeOrdinaryUser(), redis, { BULLPEN_SLOTS: '2' });
  const shell = openQueue(redis);
  const bombing = shell(bomb);
  await eventually('the bomb has filled its limit', () => familyOf(worker.pid).length > 40);
  const { stdout, stderr } = await shell(forking);
  expect(stderr.data).toBe('');
  expect(stdout.data).toBe('forked\n');
  expect((await bombing).stdout.data).toBe('bombed\n');
});

test('nor does it in the slot of another worker of the same user', async () => {
  const redis = await startOwnRedis();
  const user = makeOrdinaryUser();
  const bomber = await addWorker(user, redis, { BULLPEN_QUEUE: 'bombs' });
  await addWorker(user, redis, { BULLPEN_QUEUE: 'others' });
  const bombing = openQueue(redis, 'bombs')(bomb);
  await eventually('the bomb has filled its limit', () => familyOf(bomber.pid).length > 40);
  const { stdout, stderr } = await openQueue(redis, 'others')(forking);
  expect(stderr.data).toBe('');
  expect(stdout.data).toBe('forked\n');
  expect((await bombing).stdout.data).toBe('bombed\n');
});

test('two users’ workers on one host serve one queue, and neither meets what is the other’s', async () => {
  const redis = await startOwnRedis();
  const users = [makeOrdinaryUser(), makeOrdinaryUser()];
  const workers = await Promise.all(users.map((user) => addWorker(user, redis)));
  const shell = openQueue(redis);
  const reports = await Promise.all(
    Array.from({ length: 8 }, () => shell('sleep 0.2; seen=(/proc/[0-9]*); echo ${#seen[@]}')),
  );
  expect(reports.map(({ stdout }) => stdout.data)).toEqual(reports.map(() => '1\n'));
  for (const worker of workers) expect(worker.log.some(({ msg }) => msg === 'job ended')).toBe(true);
});

test('a program cannot lower the limits of its init, which has the same user in its namespace', async () => {
  const redis = await startOwnRedis();
  await addWorker(makeOrdinaryUser(), redis);
  const shell = openQueue(redis);
  const { stderr } = await shell('prlimit --pid 1 --nofile=0:0; prlimit --pid 1 --nproc=1:1');
  expect(stderr.data.match(/Operation not permitted/g)).toHaveLength(2);
  expect((await shell('echo as ever')).stdout.data).toBe('as ever\n');
});

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'a worker that is ended by %s leaves no process and no file',
  async (signal) => {
    const redis = await startOwnRedis();
    const user = makeOrdinaryUser();
    const worker = await user.startWorker(redis.socket);
    // Nobody is left to answer; the client's end is this call's.
    openQueue(redis)('(setsid sleep 77 &); sleep 77').catch(() => {});
    await eventually('the program runs', () => familyOf(worker.pid).some((pid) => nameOf(pid) === 'sleep'));
    worker.signal(signal);
    // The second says that the grace is over.
    if (signal === 'SIGTERM') worker.signal(signal);
    await worker.ended;
    await eventually('all processes have ended', () => user.processes().length === 0);
    await eventually('its directory is empty', () => readdirSync(user.temporary).length === 0);
  },
);
