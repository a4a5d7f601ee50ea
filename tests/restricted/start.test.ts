import { describe, expect, test } from 'vitest';
import { useWorkerStarter } from '../support/worker-starter.ts';

const { start } = useWorkerStarter();

describe('a restricted worker', () => {
  test('has one slot', async () => {
    await expect(start({ BULLPEN_SLOTS: '2' })).rejects.toThrow(/slots is 2, .* exactly 1/);
  });

  test('is refused by the default floor', async () => {
    await expect(start({ BULLPEN_FLOOR: '' })).rejects.toThrow(/no namespaces and no classic layer/);
  });

  test('shares its user with no second one', async () => {
    await start();
    await expect(start({ BULLPEN_UID_LEASE_TTL_MS: '1000' })).rejects.toThrow(/UID \d+ .*(leased|locked)/);
  });
});
