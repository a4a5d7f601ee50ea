import { describe, expect, test } from 'vitest';
import { readWorkerConfig, resolveWorkerConfig } from '../src/config.ts';

describe('a worker’s configuration', () => {
  test('is complete without any option', () => {
    const config = resolveWorkerConfig({});
    expect(config).toMatchObject({
      queue: 'bullpen',
      prefix: '{bullpen}',
      lockDurationMs: 10_000,
      stalledIntervalMs: 3000,
    });
    expect(config.slots).toBeGreaterThanOrEqual(1);
    expect(config.workerId).toMatch(/^[A-Za-z0-9._-]+$/);
  });

  test('reads numbers and texts of the environment', () => {
    const config = readWorkerConfig({
      BULLPEN_SLOTS: '3',
      BULLPEN_REDIS: '/run/redis.sock',
      BULLPEN_WORKER_UID: '',
      PATH: '/bin',
    });
    expect(config).toMatchObject({ slots: 3, redis: '/run/redis.sock', workerUid: null });
  });

  test('takes ioredis options and cluster nodes as JSON', () => {
    expect(readWorkerConfig({ BULLPEN_REDIS: '{"host":"redis","port":6380}' }).redis).toEqual({
      host: 'redis',
      port: 6380,
    });
    const cluster = readWorkerConfig({ BULLPEN_REDIS: '{"cluster":[{"host":"a","port":7000}]}' }).redis;
    expect(cluster).toEqual({ cluster: [{ host: 'a', port: 7000 }], options: {} });
  });

  test.each([
    [{ BULLPEN_SLOTS: 'many' }, /^BULLPEN_SLOTS is "many": .*expected number/],
    [{ BULLPEN_SLOTS: '0' }, /^BULLPEN_SLOTS is 0: Too small/],
    [{ BULLPEN_SLOT_UID_BASE: '1000' }, /^BULLPEN_SLOT_UID_BASE is 1000: Too small/],
    [{ BULLPEN_QUEUE: 'a:b' }, /^BULLPEN_QUEUE is "a:b": must be/],
    [{ BULLPEN_REDIS: '{oops' }, /not valid JSON/],
  ])('names the variable, its value and its bound: %j', (environment, sentence) => {
    expect(() => readWorkerConfig(environment)).toThrow(sentence);
  });
});
