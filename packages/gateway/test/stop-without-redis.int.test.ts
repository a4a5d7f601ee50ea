import { createClient } from '@bullpen/client';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startRedis } from '../../../tests/support/redis.ts';
import { readGatewayConfig } from '../src/config.ts';
import { startGateway } from '../src/start-gateway.ts';

it('a gateway whose Redis has gone for good stops all the same', async () => {
  const redis = await startRedis();
  onTestFinished(() => redis.close());
  const settings = { redis: redis.socket, listen: '127.0.0.1:0', logLevel: 'silent' as const };
  const gateway = await startGateway(readGatewayConfig(settings, {}), { withoutKeys: true });
  const client = createClient({ connection: redis.socket });
  // The safety checks of codejail's door wait for results then, on connections of their own.
  await vi.waitFor(async () => expect((await client.backlog()).waiting).toBeGreaterThan(0), 20_000);
  await redis.kill();
  await gateway.close(100);
  await expect(fetch(`${gateway.origin}/live`)).rejects.toThrow('fetch failed');
});
