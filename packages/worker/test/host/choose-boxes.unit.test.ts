import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type BoxesNeeds, chooseBoxes } from '../../src/host/choose-boxes.ts';
import { hasNoExec, type PlaceFacts, readPlace } from '../../src/host/read-place.ts';
import { makeLiteralProfiles } from '../support/literal-profiles.ts';

const MIB = 1_048_576;
const { available } = makeLiteralProfiles();
/** What the profile bash gives each job. */
const needed = available[0]?.profile.defaults.diskBytes ?? 0;
const roomy: PlaceFacts = {
  device: 7,
  bytes: 1024 * MIB,
  isTmpfs: true,
  isOnRoot: false,
  isOpen: true,
  isOurs: false,
  isNoExec: false,
};
const rootDisk: PlaceFacts = { ...roomy, bytes: 250_000 * MIB, isTmpfs: false, isOnRoot: true };

function choose(places: Readonly<Record<string, PlaceFacts>>, changes: Partial<BoxesNeeds> = {}) {
  const readPlaceOf = (path: string): PlaceFacts | null => places[path] ?? null;
  return chooseBoxes({ asked: null, runDirParent: '/run', slots: 2, available, readPlace: readPlaceOf, ...changes });
}

describe('the place of boxes', () => {
  test('is where run directories are, when that is a filesystem of its own', () => {
    expect(choose({ '/run': roomy, '/dev/shm': roomy })).toEqual({ path: '/run', bytesPerSlot: 512 * MIB });
  });

  test('is /dev/shm otherwise', () => {
    expect(choose({ '/run': rootDisk, '/dev/shm': roomy }).path).toBe('/dev/shm');
    expect(choose({ '/run': { ...roomy, bytes: MIB }, '/dev/shm': roomy }).path).toBe('/dev/shm');
  });

  test('is the operator’s alone when there is one', () => {
    expect(choose({ '/run': roomy, '/boxes': roomy }, { asked: '/boxes' }).path).toBe('/boxes');
    expect(() => choose({ '/run': roomy, '/dev/shm': roomy }, { asked: '/boxes' })).toThrow(
      /: \/boxes is no directory\. Remedy: mount a tmpfs/,
    );
  });

  test('is shared by the slots to the byte', () => {
    expect(choose({ '/run': { ...roomy, bytes: needed * 3 } }, { slots: 3 }).bytesPerSlot).toBe(needed);
    expect(choose({ '/run': { ...roomy, bytes: needed * 3 + 2 } }, { slots: 3 }).bytesPerSlot).toBe(needed);
  });
});

describe('filesystems of single slots', () => {
  const ofSlot: PlaceFacts = { ...roomy, device: 8, bytes: 128 * MIB };

  test('are those slots’ alone, wherever the directory above lies', () => {
    const places = { '/boxes': rootDisk, '/boxes/0': ofSlot, '/boxes/1': { ...ofSlot, device: 9, bytes: 96 * MIB } };
    expect(choose(places, { asked: '/boxes' }).bytesPerSlot).toBe(96 * MIB);
  });

  test('leave what is shared to the others', () => {
    const places = { '/boxes': { ...roomy, bytes: 100 * MIB }, '/boxes/1': ofSlot };
    expect(choose(places, { asked: '/boxes' }).bytesPerSlot).toBe(100 * MIB);
    expect(() => choose({ ...places, '/boxes': rootDisk }, { asked: '/boxes' })).toThrow(/\/boxes lies on the/);
  });

  test('must do by themselves', () => {
    const places = { '/boxes': roomy, '/boxes/0': { ...ofSlot, bytes: MIB } };
    expect(() => choose(places, { asked: '/boxes' })).toThrow(/\/boxes\/0 has 1048576 bytes for 1 slots/);
  });

  test('are none where only a directory is', () => {
    expect(choose({ '/boxes': roomy, '/boxes/0': roomy }, { asked: '/boxes' }).bytesPerSlot).toBe(512 * MIB);
  });
});

describe('a host without such a place is refused with what is wrong and the remedy', () => {
  test.each([
    ['the disk of the system', { ...rootDisk }, /\/boxes lies on the filesystem of \/, which a job could fill/],
    ['another’s directory', { ...roomy, isOpen: false }, /\/boxes cannot be written by this user, or not be reached/],
    ['one of the programs’ own user', { ...roomy, isOurs: true }, /\/boxes belongs to the user .* who could close it/],
    [
      'one that executes nothing',
      { ...roomy, isNoExec: true },
      /\/boxes is mounted with noexec, and jobs of profile bash run what they wrote/,
    ],
    [
      'a small one',
      { ...roomy, bytes: needed * 2 - 1 },
      new RegExp(
        `/boxes has ${needed * 2 - 1} bytes for 2 slots, ${needed - 1} for each, and jobs of profile bash get ${needed} by default, so that it must have ${needed * 2}\\. Remedy: mount a tmpfs .* emptyDir with medium Memory .* and name it by boxes \\(BULLPEN_BOXES\\)`,
      ),
    ],
  ])('%s', (_what, facts, sentence) => {
    expect(() => choose({ '/boxes': facts }, { asked: '/boxes' })).toThrow(sentence);
  });

  test('both places that were looked at', () => {
    expect(() => choose({ '/run': rootDisk, '/dev/shm': { ...roomy, isTmpfs: false } })).toThrow(
      /: \/run lies on the filesystem of \/, which a job could fill; \/dev\/shm is no tmpfs\. Remedy/,
    );
  });
});

describe('this host', () => {
  test('has a tmpfs at /dev/shm, which everybody reaches', () => {
    expect(readPlace('/dev/shm', 'classic')).toMatchObject({ isTmpfs: true, isOnRoot: false, isOpen: true });
  });

  test('has / on itself, and nothing where nothing is', () => {
    expect(readPlace('/', 'classic')?.isOnRoot).toBe(true);
    expect(readPlace('/absent', 'classic')).toBeNull();
  });

  test('shows a folder of mode 0700 as closed to other users, and open to its own', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bullpen-boxes-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    mkdirSync(join(folder, 'open'));
    writeFileSync(join(folder, 'file'), '');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readPlace(join(folder, 'open'), 'classic')?.isOpen).toBe(false);
    expect(readPlace(join(folder, 'open'), 'restricted')).toMatchObject({ isOpen: true, isOurs: true });
    chmodSync(folder, 0o711);
    expect(readPlace(join(folder, 'open'), 'classic')?.isOpen).toBe(true);
    expect(readPlace(join(folder, 'file'), 'classic')).toBeNull();
  });
});

describe('the options of a mount', () => {
  const mountinfo = [
    '1 0 8:1 / / rw,relatime - ext4 /dev/sda rw',
    '2 1 0:5 / /dev rw,nosuid,noexec - devtmpfs udev rw',
    '3 2 0:6 / /dev/shm rw,nosuid - tmpfs tmpfs rw',
    '4 1 0:7 / /my\\040boxes rw,noexec - tmpfs tmpfs rw',
    '5 1 0:8 / /over rw,noexec - tmpfs tmpfs rw',
    '6 5 0:9 / /over rw - tmpfs tmpfs rw',
  ].join('\n');

  test.each([
    ['/srv', false],
    ['/dev', true],
    ['/dev/shmuck', true],
    ['/dev/shm/boxes', false],
    ['/my boxes', true],
    ['/over', false],
  ])('of the one that %s lies on', (path, noExec) => {
    expect(hasNoExec(mountinfo, path)).toBe(noExec);
  });
});
