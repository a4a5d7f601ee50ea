import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { makeRunDirectory } from '../../src/host/run-directory.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bullpen-run-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

const name = `bullpen-${process.pid}`;

describe('the run directory', () => {
  test('is its owner’s alone, whatever the umask', () => {
    const before = process.umask(0o777);
    const path = makeRunDirectory(folder);
    process.umask(before);
    expect(path).toBe(join(folder, name));
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  test.each<[what: string, parent: () => string, sentence: string]>([
    ['a parent that is missing', () => `${folder}/absent`, 'cannot be made: PARENT does not exist. Remedy:'],
    ['a parent that is a file', () => fileAt(`${folder}/file`), 'cannot be made: PARENT is no directory. Remedy:'],
    ['a path too long for the jailer', () => `${folder}/${'x'.repeat(90)}`, 'bytes long, and may have 96. Remedy:'],
    ['a path with a space', () => `${folder}/a b`, 'is not absolute, or has a space in it. Remedy:'],
    ['a relative path', () => 'run', 'is not absolute, or has a space in it. Remedy:'],
    ['what an earlier worker left', () => leftIn(folder), 'cannot be made: something of that name is there already'],
  ])('refuses %s in one sentence that names the setting', (_, makeParent, sentence) => {
    const parent = makeParent();
    const said = errorOf(() => makeRunDirectory(parent)).message;
    expect(said).toContain(`The run directory ${join(parent, name)} `);
    expect(said).toContain(sentence.replace('PARENT', parent));
    expect(said).toMatch(/may write in by runDirParent \(BULLPEN_RUN_DIR\)\.$/);
  });
});

function fileAt(path: string): string {
  writeFileSync(path, '');
  return path;
}

function leftIn(parent: string): string {
  mkdirSync(join(parent, name));
  return parent;
}

function errorOf(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('Nothing was thrown.');
}
