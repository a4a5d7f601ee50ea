import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { countConfined, type KernelPlaces, readLoadedProfiles } from '../../src/apparmor/kernel.ts';
import { makeScratch } from '../support/scratch.ts';

let scratch: ReturnType<typeof makeScratch>;
let places: KernelPlaces;
beforeEach(() => {
  scratch = makeScratch();
  places = { proc: join(scratch.folder, 'proc'), sys: join(scratch.folder, 'sys') };
});
afterEach(() => scratch.remove());

function write(path: string, text: string): void {
  mkdirSync(dirname(join(scratch.folder, path)), { recursive: true });
  scratch.write(path, text);
}

describe('the list of loaded profiles', () => {
  test('is read with each mode', () => {
    write('sys/module/apparmor/parameters/enabled', 'Y\n');
    write('sys/kernel/security/apparmor/profiles', 'one (enforce)\ntwo (complain)\n');
    expect(Object.fromEntries(readLoadedProfiles(places))).toEqual({ one: 'enforce', two: 'complain' });
  });

  test.each([null, 'N\n'])('is not looked for when AppArmor is not enabled: %j', (enabled) => {
    if (enabled !== null) write('sys/module/apparmor/parameters/enabled', enabled);
    expect(() => readLoadedProfiles(places)).toThrow(/^This kernel has no AppArmor, or has it switched off: boot/);
  });

  test('is asked for when securityfs is not mounted', () => {
    write('sys/module/apparmor/parameters/enabled', 'Y\n');
    expect(() => readLoadedProfiles(places)).toThrow(/cannot be read \(ENOENT\): mount it with "mount -t securityfs/);
  });
});

test('processes are counted by each profile of their label', () => {
  write('proc/1/attr/apparmor/current', 'unconfined\n');
  write('proc/20/attr/apparmor/current', 'bullpen-a-0123456789ab (enforce)\n');
  write('proc/21/attr/apparmor/current', 'bullpen-a-0123456789ab//&outer (enforce)\n');
  write('proc/22/attr/apparmor/current', 'outer (complain)');
  write('proc/self/attr/apparmor/current', 'outer (enforce)');
  mkdirSync(join(places.proc, '23'));
  expect(Object.fromEntries(countConfined(places))).toEqual({
    unconfined: 1,
    'bullpen-a-0123456789ab': 2,
    outer: 2,
  });
});
