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
    [{ BULLPEN_SLOTS: 'many' }, /^BULLPEN_SLOTS is "many": must be a number\.$/],
    [{ BULLPEN_SLOTS: '0' }, /^BULLPEN_SLOTS is 0: must be at least 1\.$/],
    [{ BULLPEN_SLOT_UID_BASE: '1000' }, /^BULLPEN_SLOT_UID_BASE is 1000: must be at least 3000\.$/],
    [
      { BULLPEN_JAIL: 'none' },
      /^BULLPEN_JAIL is "none": must be "auto" or "namespaces" or "classic" or "restricted"\.$/,
    ],
    [{ BULLPEN_BOXES: 'boxes' }, /^BULLPEN_BOXES is "boxes": must start with "\/"\.$/],
    [{ BULLPEN_QUEUE: 'a:b' }, /^BULLPEN_QUEUE is "a:b": must be/],
    [
      { BULLPEN_EGRESS_PROBES: 'foo' },
      /^BULLPEN_EGRESS_PROBES is "foo": must be "none", or targets such as [^:]+:80\S+ with commas between them\.$/,
    ],
    [{ BULLPEN_FLOOR: 'landlok' }, /^BULLPEN_FLOOR is "landlok": "landlok" is no layer: the layers are identity,/],
    [
      { BULLPEN_SLOTS: '0', BULLPEN_ENABLED: 'yes' },
      /^BULLPEN_SLOTS is 0: .*\. BULLPEN_ENABLED is "yes": must be true or false\.$/,
    ],
    [{ BULLPEN_REDIS: '{oops' }, /not valid JSON/],
  ])('names the variable, its value and its bound: %j', (environment, sentence) => {
    expect(() => readWorkerConfig(environment)).toThrow(sentence);
  });
});

describe('the floor of a worker', () => {
  test('is parsed once into alternatives, and passes through a second time as it is', () => {
    const config = readWorkerConfig({ BULLPEN_FLOOR: 'identity, seccomp,landlock|apparmor' });
    expect(config.floor).toEqual([['identity'], ['seccomp'], ['landlock', 'apparmor']]);
    expect(resolveWorkerConfig(config)).toEqual(config);
  });

  test('is identity, rlimits, seccomp, one of landlock and apparmor, and one of namespaces and classic unless said', () => {
    expect(resolveWorkerConfig({}).floor).toEqual([
      ['identity'],
      ['rlimits'],
      ['seccomp'],
      ['landlock', 'apparmor'],
      ['namespaces', 'classic'],
    ]);
  });

  test.each([
    [
      'identity,moat',
      /^BULLPEN_FLOOR is "identity,moat": "moat" is no layer: the layers are identity, rlimits, .*cgroup\.$/,
    ],
    ['identity,', /^BULLPEN_FLOOR is "identity,": "" is no layer/],
  ])('names a layer that there is not: %s', (floor, sentence) => {
    expect(() => readWorkerConfig({ BULLPEN_FLOOR: floor })).toThrow(sentence);
  });
});

test('enabled is true or false, or undecided', () => {
  expect(readWorkerConfig({ BULLPEN_ENABLED: 'true' }).enabled).toBe(true);
  expect(readWorkerConfig({ BULLPEN_ENABLED: 'false' }).enabled).toBe(false);
  expect(readWorkerConfig({}).enabled).toBeNull();
  expect(() => readWorkerConfig({ BULLPEN_ENABLED: 'yes' })).toThrow(
    'BULLPEN_ENABLED is "yes": must be true or false.',
  );
});

describe('targets of egress probes', () => {
  test('are hosts with ports', () => {
    const config = readWorkerConfig({
      BULLPEN_EGRESS_PROBES: '169.254.169.254:80, [fd00:ec2::254]:80,db.internal:5432',
    });
    expect(config.egressProbes).toEqual([
      { host: '169.254.169.254', port: 80 },
      { host: 'fd00:ec2::254', port: 80 },
      { host: 'db.internal', port: 5432 },
    ]);
    expect(resolveWorkerConfig(config)).toEqual(config);
  });

  test('are none outside of pods, and the metadata address in one unless said otherwise', () => {
    expect(readWorkerConfig({}).egressProbes).toEqual([]);
    const pod = { KUBERNETES_SERVICE_HOST: '10.0.0.1' };
    expect(readWorkerConfig(pod).egressProbes).toEqual([{ host: '169.254.169.254', port: 80 }]);
    expect(readWorkerConfig({ ...pod, BULLPEN_EGRESS_PROBES: 'none' }).egressProbes).toEqual([]);
  });

  test.each(['metadata', 'a:0', 'a:70000', 'a b:80', ':80', 'http://a:80'])('must not be %j', (text) => {
    expect(() => readWorkerConfig({ BULLPEN_EGRESS_PROBES: text })).toThrow(
      /^BULLPEN_EGRESS_PROBES is ".*": must be "none", or/,
    );
  });
});
