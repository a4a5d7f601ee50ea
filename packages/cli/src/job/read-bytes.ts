import { readFileSync } from 'node:fs';
import { type Bytes, encodeBytes } from '@bullpen/protocol';
import { UsageError } from '../usage-error.ts';

/** Reads a file of this machine as a job carries it. `option` is how the caller named it. Throws a UsageError when it cannot be read. */
export function readFileBytes(path: string, option: string): Bytes {
  return toBytes(readSource(path, `${option} ${path}`));
}

/** Reads `path`, or our own stdin to its end when it is `-`. Throws a UsageError when it cannot be read. */
export function readStdinOption(path: string): Bytes {
  return path === '-' ? toBytes(readSource(0, '--stdin -')) : readFileBytes(path, '--stdin');
}

/** Reads a JSON file, or our own stdin for `-`. Throws a UsageError when it cannot be read or is no JSON. */
export function readJsonOption(path: string, option: string): unknown {
  const text = readSource(path === '-' ? 0 : path, `${option} ${path}`).toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new UsageError(`${option} ${path} is not valid JSON: ${(cause as Error).message}.`, { cause });
  }
}

function readSource(source: string | number, what: string): Buffer {
  try {
    return readFileSync(source);
  } catch (cause) {
    throw new UsageError(`${what} cannot be read: ${readingError(cause as NodeJS.ErrnoException)}.`, { cause });
  }
}

function readingError(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return 'there is no such file';
  if (error.code === 'EISDIR') return 'it is a directory';
  if (error.code === 'EACCES') return 'permission denied';
  return error.message;
}

function toBytes(content: Uint8Array): Bytes {
  const { encoding, data } = encodeBytes(content);
  return encoding === 'utf8' ? data : { base64: data };
}
