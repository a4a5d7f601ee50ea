import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findClosedPath } from '../../src/host/find-closed-path.ts';

test('a path is closed where a folder above it, or it itself, is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bullpen-closed-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const tool = join(folder, 'bin', 'tool');
  mkdirSync(join(folder, 'bin'));
  writeFileSync(tool, '');
  chmodSync(tool, 0o644);
  expect(findClosedPath(tool)).toBe(folder);
  chmodSync(folder, 0o711);
  // Whoever knows a name may pass, and only a directory that is shown itself must be listed.
  expect(findClosedPath(tool)).toBeNull();
  expect(findClosedPath(folder)).toBe(folder);
  chmodSync(tool, 0o640);
  expect(findClosedPath(tool)).toBe(tool);
  expect(findClosedPath(join(folder, 'absent'))).toBe(join(folder, 'absent'));
});

test('what every system has for everybody is open', () => {
  expect(findClosedPath('/usr/bin')).toBeNull();
  expect(findClosedPath('/usr/bin/env')).toBeNull();
});
