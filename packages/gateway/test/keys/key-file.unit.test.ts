import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readKeyFile, updateKeyFile } from '../../src/keys/key-file.ts';
import { makeKey } from '../../src/keys/make-key.ts';

describe('the file of keys', () => {
  let folder = '';
  let path = '';
  const { key, text } = makeKey({ name: 'one', scopes: ['jobs:read'] });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bullpen-keys-'));
    path = join(folder, 'deeper', 'keys.json');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('has no keys before it is made', () => {
    expect(readKeyFile(path)).toEqual([]);
  });

  it('is its owner’s alone, and holds no key', () => {
    updateKeyFile(path, (keys) => [...keys, key]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'deeper')).mode & 0o777).toBe(0o700);
    expect(readFileSync(path, 'utf8')).not.toContain(text.slice(-43));
    expect(readKeyFile(path)).toEqual([key]);
  });

  it.each([
    [0o600, 0o600],
    [0o640, 0o640],
    [0o644, 0o640],
  ])('of mode %o may be read by its group as before, and by no others', (before, after) => {
    updateKeyFile(path, () => [key]);
    chmodSync(path, before);
    updateKeyFile(path, (keys) => keys);
    expect(statSync(path).mode & 0o777).toBe(after);
  });

  it.runIf(process.getuid?.() === 0)(
    'keeps its owner and group, so that whoever reads it through them still can (only root can give a file away)',
    () => {
      updateKeyFile(path, () => [key]);
      chownSync(path, 0, 12_345);
      chmodSync(path, 0o640);
      updateKeyFile(path, (keys) => keys);
      const { uid, gid, mode } = statSync(path);
      expect([uid, gid, mode & 0o777]).toEqual([0, 12_345, 0o640]);
    },
  );

  it('is changed where it is, when its path is a link', () => {
    updateKeyFile(path, () => []);
    const link = join(folder, 'link.json');
    symlinkSync(path, link);
    updateKeyFile(link, () => [key]);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readKeyFile(path)).toEqual([key]);
  });

  it('stays as it was when a change fails, and can be changed afterwards', () => {
    updateKeyFile(path, () => [key]);
    const fail = (): never => {
      throw new Error('no');
    };
    expect(() => updateKeyFile(path, fail)).toThrow('no');
    expect(readKeyFile(path)).toEqual([key]);
    updateKeyFile(path, () => []);
    expect(readKeyFile(path)).toEqual([]);
    expect(existsSync(`${path}.new`)).toBe(false);
  });

  it('is changed by one command at a time', () => {
    updateKeyFile(path, (keys) => {
      expect(() => updateKeyFile(path, () => [])).toThrow(
        `${path}.new cannot be made (EEXIST): another command is changing`,
      );
      return [...keys, key];
    });
    expect(readKeyFile(path)).toEqual([key]);
  });

  it.each([0o620, 0o602, 0o666])('is refused when others can write it (%o)', (mode) => {
    updateKeyFile(path, () => [key]);
    chmodSync(path, mode);
    expect(() => readKeyFile(path)).toThrow(`chmod 600 ${path}`);
  });

  it('is refused, and not waited for, when it is a pipe', () => {
    updateKeyFile(path, () => []);
    rmSync(path);
    execFileSync('mkfifo', ['-m', '600', path]);
    expect(() => readKeyFile(path)).toThrow(`${path} is no regular file`);
    rmSync(path);
    updateKeyFile(path, () => [key]);
    expect(readKeyFile(path)).toEqual([key]);
  });

  it.each([
    ['no JSON', '{', 'is no JSON'],
    ['another shape', '{"v":2,"keys":[]}', 'v must be 1, got 2'],
    [
      'a bad hash',
      JSON.stringify({ v: 1, keys: [{ ...key, sha256: 'x' }] }),
      'keys[0].sha256 must be 64 hexadecimal digits',
    ],
    ['an unknown scope', JSON.stringify({ v: 1, keys: [{ ...key, scopes: ['root'] }] }), 'keys[0].scopes[0]'],
    ['a name twice', JSON.stringify({ v: 1, keys: [key, key] }), 'two keys named one'],
  ])('is refused with a sentence when it has %s', (_what, content, sentence) => {
    updateKeyFile(path, () => []);
    writeFileSync(path, content);
    expect(() => readKeyFile(path)).toThrow(sentence);
  });
});
