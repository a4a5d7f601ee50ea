import { defaultFleetNames, type LayerName, rosterKey } from '@bullpen/protocol';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../../../tests/support/eventually.ts';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { connectRedis, type RedisConnection } from '../../src/redis/connect.ts';
import { keepRoster, type Roster, supposeLayers } from '../../src/redis/keep-roster.ts';

const key = rosterKey(defaultFleetNames);
let server: TestRedis;
let redis: RedisConnection;
let rosters: Roster[] = [];

function reportError(error: unknown): never {
  throw error;
}

async function join(workerId: string, layers: Record<string, LayerName[]>, ttlMs = 60_000): Promise<Roster> {
  const roster = await keepRoster({ redis, names: defaultFleetNames, workerId, layers, ttlMs, onError: reportError });
  rosters.push(roster);
  return roster;
}

beforeAll(async () => {
  server = await startRedis();
  redis = connectRedis(server.socket, () => {});
});
afterEach(async () => {
  await Promise.all(rosters.map((roster) => roster.close()));
  rosters = [];
  await redis.del(key);
});
afterAll(async () => {
  redis.disconnect();
  await server.close();
});

test('a worker knows what the others have, by profile, and does not count itself', async () => {
  const first = await join('w1', { bash: ['identity', 'cgroup'], python: ['identity'] });
  expect(await first.hasOther('bash', ['cgroup'])).toBe(false);
  const second = await join('w2', { bash: ['identity'] });
  expect(await second.hasOther('bash', ['cgroup', 'identity'])).toBe(true);
  expect(await second.hasOther('bash', ['cgroup', 'apparmor'])).toBe(false);
  expect(await second.hasOther('python', ['cgroup'])).toBe(false);
  expect(await second.hasOther('node', ['identity'])).toBe(false);
});

test('what a worker has learned of its jails takes the place of what it supposed', async () => {
  const first = await join('w1', { bash: ['identity', 'cgroup'] });
  const second = await join('w2', { bash: [] });
  first.learn('bash', ['identity']);
  expect(await first.hasOther('bash', ['cgroup'])).toBe(false);
  expect(await second.hasOther('bash', ['cgroup'])).toBe(false);
  expect(await second.hasOther('bash', [])).toBe(true);
  first.learn('bash', null);
  expect(await first.hasOther('bash', [])).toBe(true);
  expect(await second.hasOther('bash', [])).toBe(false);
});

test('a worker that leaves, or is not heard of any more, is not counted on', async () => {
  const first = await join('w1', { bash: ['cgroup'] });
  const second = await join('w2', {});
  await first.close();
  expect(await second.hasOther('bash', ['cgroup'])).toBe(false);
  await redis.hset(key, 'lost', `${Date.now() - 1} {"bash":["cgroup"]}`);
  expect(await second.hasOther('bash', ['cgroup'])).toBe(false);
  expect(await redis.hkeys(key)).toEqual(['w2']);
});

test('a worker that stays is heard of again and again, and the roster ends with the last one', async () => {
  const first = await join('w1', { bash: ['cgroup'] }, 1500);
  const said = await redis.hget(key, 'w1');
  await eventually('it has said so again', async () => (await redis.hget(key, 'w1')) !== said);
  expect(await redis.pttl(key)).toBeGreaterThan(0);
  await first.close();
  expect(await redis.exists(key)).toBe(0);
});

test.each([
  '',
  'x',
  '99999999999999 ',
  '99999999999999 {',
  '99999999999999 [1]',
  '99999999999999 {"bash":7}',
  '1e300 {}',
])('what somebody else has written there has nothing: %j', async (text) => {
  const roster = await join('w1', {});
  await redis.hset(key, 'forged', text);
  expect(await roster.hasOther('bash', ['cgroup'])).toBe(false);
  expect(await roster.hasOther('bash', [])).toBe(false);
});

test('a name of a later version is no reason to hear nothing else', async () => {
  const roster = await join('w1', {});
  await redis.hset(key, 'later', '99999999999999 {"bash":["cgroup","moat"]}');
  expect(await roster.hasOther('bash', ['cgroup'])).toBe(true);
});

test('AppArmor is supposed where the profile has its own loaded, everything else where one jail had it', () => {
  const measured = ['identity', 'apparmor', 'cgroup', 'moat'].map((name) => ({ name }));
  expect(supposeLayers(measured, ['bash', 'python'], new Map([['python', 'bullpen-python-1']]))).toEqual({
    bash: ['identity', 'cgroup'],
    python: ['identity', 'cgroup', 'apparmor'],
  });
});
