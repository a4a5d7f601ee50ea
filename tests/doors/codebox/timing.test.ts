import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { patience } from '../../support/patience.ts';
import { seconds, useCodebox } from './support/codebox-gateway.ts';

const codebox = useCodebox();
const { execute } = codebox;

describe('the time of a command', () => {
  test('is 0.2 s unless said', async () => {
    const [answer] = await execute([{ command: '/bin/sleep 30' }]);
    expect(answer).toMatchObject({ stdout: '', stderr: 'Timeout Error. Exceeded 0.2s', exit_code: -1 });
    expect(answer?.elapsed_time).toBeGreaterThan(0.19);
    expect(answer?.elapsed_time).toBeLessThan(0.2 * 5 * patience);
  });

  test('is not bounded by the 0.2 s where the request says null', async () => {
    const [answer] = await execute([{ command: '/bin/sleep 0.5', timeout: null }]);
    expect(answer).toMatchObject({ stdout: '', stderr: '', exit_code: 0 });
    expect(answer?.elapsed_time).toBeGreaterThan(0.49);
  });

  test('begins when its program begins: sixteen at once all have theirs, whoever waits for whom', async () => {
    const one = { command: '/bin/sleep 0.4', timeout: 2 };
    const all = Array.from({ length: 16 }, (_, index) =>
      execute([one, { command: `/bin/echo ${index}`, timeout: seconds(0.1) }]),
    );
    const answers = await Promise.all(all);
    expect(answers.map(([slept]) => slept)).toEqual(
      answers.map(() => ({ stdout: '', stderr: '', exit_code: 0, elapsed_time: expect.any(Number) })),
    );
    expect(answers.map(([, echoed]) => echoed?.stdout)).toEqual(answers.map((_, index) => `${index}\n`));
  });
});

test('a client that goes away leaves no job behind', async () => {
  const leaving = new AbortController();
  const body = JSON.stringify({ sources: {}, commands: [{ command: '/bin/sleep 60', timeout: 100 }] });
  const requests = Array.from({ length: 4 }, () => codebox.post(body, { signal: leaving.signal }).catch(() => 'left'));
  await eventually('jobs run', async () => (await codebox.fleet.client.backlog()).running > 0);
  leaving.abort();
  expect(await Promise.all(requests)).toEqual(['left', 'left', 'left', 'left']);
  await eventually('nothing runs or waits', async () => {
    const { running, waiting } = await codebox.fleet.client.backlog();
    return running + waiting === 0;
  });
});

test('results are kept for a minute and no longer, since nobody else can ask for them', async () => {
  await execute([{ command: '/bin/echo kept', timeout: seconds(0.1) }]);
  const redis = new Redis(codebox.fleet.redisSocket);
  const keys = await redis.keys('*/result:*');
  const agesMs = await Promise.all(keys.map((key) => redis.pttl(key)));
  redis.disconnect();
  expect(agesMs.length).toBeGreaterThan(0);
  expect(agesMs.filter((ms) => ms < 0 || ms > 60_000)).toEqual([]);
});
