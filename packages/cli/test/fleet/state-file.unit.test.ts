import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readFleetState, removeFleetState, writeFleetState } from '../../src/fleet/state-file.ts';

let parent = '';
let folder = '';
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'cli-state-'));
  folder = join(parent, 'state');
});
afterEach(() => rmSync(parent, { recursive: true }));

it('is read back by the same user', () => {
  writeFleetState(folder, { redis: '/tmp/x.sock', pid: process.pid });
  expect(readFleetState(folder)).toEqual({ redis: '/tmp/x.sock', pid: process.pid });
});

it('lies where only its user can look, even in a folder that was there before', () => {
  writeFleetState(folder, { redis: 'x', pid: 1 });
  chmodSync(folder, 0o777);
  writeFleetState(folder, { redis: 'x', pid: 1 });
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, 'fleet.json')).mode & 0o777).toBe(0o600);
});

it('counts as none when it is absent, malformed, removed or of a process that has ended', () => {
  expect(readFleetState(folder)).toBeNull();
  writeFleetState(folder, { redis: 'x', pid: 4_194_304 });
  expect(readFleetState(folder)).toBeNull();
  writeFileSync(join(folder, 'fleet.json'), '{');
  expect(readFleetState(folder)).toBeNull();
  writeFleetState(folder, { redis: 'x', pid: process.pid });
  removeFleetState(folder);
  expect(readdirSync(folder)).toEqual([]);
});

it('follows no link that somebody put in its place', () => {
  symlinkSync(parent, folder);
  expect(() => writeFleetState(folder, { redis: 'x', pid: 1 })).toThrow(/belongs to|is no folder/);
});
