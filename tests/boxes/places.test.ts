import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@bullpen/client';
import { describe, expect, test } from 'vitest';
import { slots } from '../support/rung.ts';
import { useWorkerStarter } from '../support/worker-starter.ts';

const starter = useWorkerStarter();

describe('a worker whose jails mount nothing', () => {
  test('refuses a place for boxes on the disk of the system', async () => {
    const folder = mkdtempSync('/var/tmp/bullpen-boxes-');
    chmodSync(folder, 0o777);
    try {
      await expect(starter.start({ BULLPEN_BOXES: folder })).rejects.toThrow(
        /lies on the filesystem of \/, .*BULLPEN_BOXES/,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('refuses a place that is too small for what jobs get, and limits them to a share of one that is not', async () => {
    const boxes = join(starter.place.runDir, '../small');
    mkdirSync(boxes);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32m,mode=1777', 'bullpen-boxes', boxes]);
    try {
      await expect(starter.start({ BULLPEN_BOXES: boxes })).rejects.toThrow(
        new RegExp(
          `has 33554432 bytes for ${slots} slots, ${33_554_432 / slots} for each, and jobs of profile \\S+ get \\d+ by default`,
        ),
      );
      execFileSync('mount', ['-o', 'remount,size=256m', boxes]);
      await starter.start({ BULLPEN_BOXES: boxes });
      const client = createClient({ connection: starter.redisSocket });
      const share = 268_435_456 / slots;
      const submit = async (diskBytes: number) =>
        client.submit({ profile: 'bash', commands: [{ argv: ['true'] }], limits: { diskBytes }, attempts: 1 });
      expect((await (await submit(share)).result({ timeoutMs: 30_000 })).state).toBe('finished');
      await expect((await submit(share + 1)).result({ timeoutMs: 30_000 })).rejects.toMatchObject({
        code: 'limit-above-ceiling',
      });
      await client.close();
      await starter.closeAll();
    } finally {
      execFileSync('umount', ['--lazy', boxes]);
    }
  });
});
