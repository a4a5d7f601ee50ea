import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { issueSentence } from '@bullpen/profiles';
import { type ApiKey, keyFileSchema } from './api-key.ts';

/** More keys than anybody has. */
const bytesMax = 16_777_216;

/**
 * Reads the file of API keys; one that is not there has none. Throws a sentence when it is unreadable, malformed, no regular file, or writable by others than
 * its owner: whoever can write it can make keys.
 */
export function readKeyFile(path: string): readonly ApiKey[] {
  const text = readOwn(path);
  if (text === null) return [];
  const value = parseJson(path, text);
  const parsed = keyFileSchema.safeParse(value);
  if (!parsed.success) throw new Error(`${path}: ${issueSentence(parsed.error, value, 'the file of keys')}.`);
  const names = parsed.data.keys.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`${path} has two keys named ${twice}: remove one.`);
  return parsed.data.keys;
}

/**
 * Changes the file in one move: a new one is for its owner's eyes alone, one that was there keeps its owner, its group and who may read it. Throws a sentence when another command is changing it, or it cannot be read or written;
 * what `change` throws passes, and nothing is changed.
 */
export function updateKeyFile(path: string, change: (keys: readonly ApiKey[]) => readonly ApiKey[]): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const real = existsSync(path) ? realpathSync(path) : path;
  const draft = `${real}.new`;
  const descriptor = openDraft(draft);
  try {
    takeOver(descriptor, real);
    writeFileSync(descriptor, `${JSON.stringify({ v: 1, keys: change(readKeyFile(path)) }, null, 2)}\n`);
    fsyncSync(descriptor);
    renameSync(draft, real);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** A gateway that reads the file through its group must still be able to. */
function takeOver(descriptor: number, path: string): void {
  const before = statSync(path, { throwIfNoEntry: false });
  if (before === undefined) {
    fchmodSync(descriptor, 0o600);
    return;
  }
  const draft = fstatSync(descriptor);
  if (draft.uid !== before.uid || draft.gid !== before.gid) fchownSync(descriptor, before.uid, before.gid);
  fchmodSync(descriptor, before.mode & 0o640);
}

/** Whoever has made it is the only one who changes the file. */
function openDraft(draft: string): number {
  try {
    return openSync(draft, 'wx', 0o600);
  } catch (cause) {
    const { code = 'an unknown error' } = cause as NodeJS.ErrnoException;
    const remedy =
      code === 'EEXIST' ? 'another command is changing the keys; if none is, remove it' : 'check its folder';
    throw new Error(`${draft} cannot be made (${code}): ${remedy}.`, { cause });
  }
}

function readOwn(path: string): string | null {
  let descriptor: number;
  try {
    // Without waiting: a pipe that nobody writes to would hold everything.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    const { code = 'an unknown error' } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new Error(`The file of keys ${path} cannot be read (${code}): check its owner and mode.`, { cause });
  }
  try {
    const status = fstatSync(descriptor);
    const { mode, uid, size } = status;
    if (!status.isFile())
      throw new Error(`${path} is no regular file, which keys must be in: copy what it gives into one.`);
    if (size > bytesMax)
      throw new Error(`${path} has ${size} bytes, and a file of keys at most ${bytesMax}: it is another one.`);
    if ((mode & 0o022) !== 0) throw new Error(`${path} can be written by others than its owner: chmod 600 ${path}`);
    const own = process.geteuid?.() ?? uid;
    if (uid !== own && uid !== 0)
      throw new Error(`${path} belongs to user ${uid}, who could make keys: chown it to ${own}.`);
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`The file of keys ${path} is no JSON: restore it, or remove it and make new keys.`, { cause });
  }
}
