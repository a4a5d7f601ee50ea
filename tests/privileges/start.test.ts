import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@bullpen/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { hasOwnRoot, onThisRung, preparePlace, rung, type RungPlace, slots } from '../support/rung.ts';
import { startWorkerProcess, type TestWorker } from '../support/worker.ts';

let redis: TestRedis;
let place: RungPlace;
let workers: TestWorker[];
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis?.close());
beforeEach(() => {
  workers = [];
  place = preparePlace();
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.close()));
  place.remove();
});

async function start(settings: Readonly<Record<string, string>> = {}): Promise<TestWorker> {
  const all = { BULLPEN_SLOTS: `${slots}`, ...place.settings, ...settings };
  const worker = await startWorkerProcess(redis.socket, all, place.launcher);
  workers.push(worker);
  return worker;
}

const modeOf = (worker: TestWorker): unknown => worker.log.find(({ msg }) => msg === 'how jails are made')?.['mode'];

test('a worker makes the jails that it is told to', async () => {
  expect(modeOf(await start())).toBe(
    onThisRung({ namespaces: 'root', userns: 'userns', classic: 'classic', restricted: 'restricted' }),
  );
});

test('left to itself it takes the highest rung that its privileges allow', async () => {
  // This host lets ordinary users make user namespaces.
  expect(modeOf(await start({ BULLPEN_JAIL: 'auto', BULLPEN_FLOOR: '' }))).toBe(
    onThisRung({ namespaces: 'root', userns: 'userns', classic: 'classic', restricted: 'userns' }),
  );
});

describe.runIf(!hasOwnRoot)('a worker whose jails mount nothing', () => {
  test('refuses a place for boxes on the disk of the system', async () => {
    const folder = mkdtempSync('/var/tmp/bullpen-boxes-');
    chmodSync(folder, 0o777);
    try {
      await expect(start({ BULLPEN_BOXES: folder })).rejects.toThrow(/lies on the filesystem of \/, .*BULLPEN_BOXES/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('refuses a place that is too small for what jobs get, and limits them to a share of one that is not', async () => {
    const boxes = join(place.runDir, '../small');
    mkdirSync(boxes);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32m,mode=1777', 'bullpen-boxes', boxes]);
    try {
      await expect(start({ BULLPEN_BOXES: boxes })).rejects.toThrow(
        new RegExp(
          `has 33554432 bytes for ${slots} slots, ${33_554_432 / slots} for each, and jobs of profile \\S+ get \\d+ by default`,
        ),
      );
      execFileSync('mount', ['-o', 'remount,size=256m', boxes]);
      await start({ BULLPEN_BOXES: boxes });
      const client = createClient({ connection: redis.socket });
      const share = 268_435_456 / slots;
      const submit = async (diskBytes: number) =>
        client.submit({ profile: 'bash', commands: [{ argv: ['true'] }], limits: { diskBytes }, attempts: 1 });
      expect((await (await submit(share)).result({ timeoutMs: 30_000 })).state).toBe('finished');
      await expect((await submit(share + 1)).result({ timeoutMs: 30_000 })).rejects.toMatchObject({
        code: 'limit-above-ceiling',
      });
      await client.close();
      await Promise.all(workers.splice(0).map((worker) => worker.close()));
    } finally {
      execFileSync('umount', ['--lazy', boxes]);
    }
  });
});

describe.runIf(rung === 'restricted')('a restricted worker', () => {
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
