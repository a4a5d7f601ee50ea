import { createClient } from '@bullpen/client';
import { expect, test } from 'vitest';
import { useWorkerStarter } from '../support/worker-starter.ts';

const starter = useWorkerStarter();

test('Node starts, although a configuration of OpenSSL that the host may have is closed', async () => {
  await starter.start();
  const client = createClient({ connection: starter.redisSocket });
  const job = await client.submit({ profile: 'node', commands: [{ argv: ['node', '-e', 'console.log(6 * 7)'] }] });
  const { commands } = await job.result({ timeoutMs: 30_000 });
  expect(commands).toMatchObject([{ outcome: { kind: 'exited', exitCode: 0 }, stdout: { data: '42\n' } }]);
  await client.close();
});
