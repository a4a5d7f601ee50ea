import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findRedisServer } from '../../src/fleet/find-redis-server.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-find-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function makeProgram(path: string, mode = 0o755): string {
  const program = join(folder, path);
  mkdirSync(dirname(program), { recursive: true });
  writeFileSync(program, '', { mode });
  return program;
}

it('is in the search path before the checkout', () => {
  const inPath = makeProgram('bin/redis-server');
  const unpacked = makeProgram('.tools/redis/redis-server');
  expect(findRedisServer(`/nowhere:${join(folder, 'bin')}`, folder)).toBe(inPath);
  expect(findRedisServer('/nowhere', folder)).toBe(unpacked);
});

it('may be Valkey', () => {
  const valkey = makeProgram('bin/valkey-server');
  expect(findRedisServer(join(folder, 'bin'), folder)).toBe(valkey);
});

it('must be executable', () => {
  makeProgram('bin/redis-server', 0o644);
  expect(() => findRedisServer(join(folder, 'bin'), folder)).toThrow(
    /^No Redis was found: install redis-server or valkey-server/,
  );
});
