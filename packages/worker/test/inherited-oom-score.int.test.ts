import { readFileSync } from 'node:fs';
import { createClient } from '@bullpen/client';
import { expect, onTestFinished, test } from 'vitest';
import { startRedis } from '../../../tests/support/redis.ts';
import { startWorkerProcess } from '../../../tests/support/worker.ts';

test.each([1, 985])(
  'a worker that was started with an oom_score_adj of %i, as a kubelet does, runs jobs',
  async (score) => {
    const redis = await startRedis();
    const client = createClient({ connection: redis.socket });
    const launcher = ['sh', '-c', `echo ${score} > /proc/self/oom_score_adj && exec "$@"`, 'launcher'];
    const worker = await startWorkerProcess(redis.socket, {}, launcher);
    onTestFinished(async () => {
      await client.close();
      await worker.close();
      await redis.close();
    });
    expect(readFileSync(`/proc/${worker.pid}/oom_score_adj`, 'utf8')).toBe(`${score}\n`);
    for (const word of ['one', 'two']) {
      const handle = await client.submit({ profile: 'bash', commands: [{ argv: ['echo', word] }] });
      const result = await handle.result({ timeoutMs: 15_000 });
      expect(result).toMatchObject({ state: 'finished', commands: [{ stdout: { data: `${word}\n` } }] });
    }
  },
);
