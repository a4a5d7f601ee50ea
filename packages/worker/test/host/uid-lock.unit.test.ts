import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readLockedUids, uidLockDirectory } from '../../src/host/uid-lock.ts';

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bullpen-locks-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('each file that is named as a number is a locked UID', () => {
  const folder = makeFolder();
  for (const name of ['5000', '2147483646', 'README', '12x']) writeFileSync(join(folder, name), '');
  expect(readLockedUids(folder)).toEqual(new Set([5000, 2_147_483_646]));
});

test('no directory means no lock, and one that cannot be read means that nobody knows', () => {
  const folder = makeFolder();
  writeFileSync(join(folder, 'file'), '');
  expect(readLockedUids(join(folder, 'absent'))).toEqual(new Set());
  expect(readLockedUids(join(folder, 'file'))).toBeNull();
});

test('locks lie where the operator says, where root’s all lie, or in a directory of the user’s own', () => {
  expect(uidLockDirectory({ uidLockDir: '/srv/locks' }, 0)).toBe('/srv/locks');
  expect(uidLockDirectory({ uidLockDir: null }, 0)).toBe('/run/bullpen-uids');
  expect(uidLockDirectory({ uidLockDir: null }, 1000)).toBe('/tmp/bullpen-uids-1000');
});
