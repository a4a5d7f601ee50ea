import { closeSync, constants, createReadStream, fstatSync, openSync, readFileSync } from 'node:fs';
import { type Bytes, encodeBytes, jobBounds } from '@bullpen/protocol';
import { messageOf } from '../message-of.ts';
import { showBytes } from '../output/show-units.ts';
import { UsageError } from '../usage-error.ts';

/** Above this no job can carry it, so nobody waits for the rest of an endless stream. */
const mostBytes = jobBounds.stdinBytes;

/**
 * Reads a file of this machine as a job carries it. `option` is how the caller named it. Throws a UsageError when it is no plain file,
 * larger than 32 MiB or cannot be read.
 */
export function readFileBytes(path: string, option: string): Bytes {
  const what = `${option} ${path === '' ? '""' : path}`;
  try {
    return toBytes(readPlainFile(path, what));
  } catch (cause) {
    throw explain(cause, what);
  }
}

/** Reads `path`, which may be a pipe, or our own stdin to its end when it is `-`. Throws a UsageError when it cannot be read or has more than 32 MiB. */
export async function readStdinOption(path: string): Promise<Bytes> {
  return toBytes(await readStream(path, '--stdin'));
}

/** Reads a JSON file, or our own stdin for `-`. Throws a UsageError when it cannot be read, is larger than a job can be, or is no JSON. */
export async function readJsonOption(path: string, option: string): Promise<unknown> {
  const text = (await readStream(path, option, jobBounds.messageBytes)).toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new UsageError(
      `${path === '-' ? `Standard input (${option} -)` : `${option} ${path}`} is not valid JSON: ${messageOf(cause)}.`,
      {
        cause,
      },
    );
  }
}

/** Opened without waiting, since a pipe without a writer would hold us for ever, and looked at before it is read. */
function readPlainFile(path: string, what: string): Buffer {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const found = fstatSync(file);
    if (found.isDirectory()) throw new UsageError(`${what} cannot be read: it is a directory.`);
    if (!found.isFile()) throw new UsageError(`${what} cannot be read: it is a pipe or a device, not a file.`);
    if (found.size > mostBytes) throw tooLarge(what, mostBytes);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

/** Piece by piece, since a slow writer's pipe has nothing to read for a while. */
async function readStream(path: string, option: string, most: number = mostBytes): Promise<Buffer> {
  const what = `${option} ${path === '' ? '""' : path}`;
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of path === '-' ? process.stdin : createReadStream(path)) {
      pieces.push(piece as Buffer);
      bytes += (piece as Buffer).length;
      if (bytes > most) throw tooLarge(what, most);
    }
  } catch (cause) {
    throw explain(cause, what);
  }
  return Buffer.concat(pieces, bytes);
}

function tooLarge(what: string, most: number): UsageError {
  return new UsageError(`${what} is larger than ${showBytes(most)}, which is the most that a job carries: shorten it.`);
}

function explain(cause: unknown, what: string): UsageError {
  if (cause instanceof UsageError) return cause;
  return new UsageError(`${what} cannot be read: ${readingError(cause as NodeJS.ErrnoException)}.`, { cause });
}

/** Why a file cannot be read, behind "cannot be read: ". */
export function readingError(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return 'there is no such file';
  if (error.code === 'EISDIR') return 'it is a directory';
  if (error.code === 'EACCES') return 'permission denied';
  if (error.code === 'ENXIO') return 'it is a socket or a device without a driver';
  return error.message;
}

function toBytes(content: Uint8Array): Bytes {
  const { encoding, data } = encodeBytes(content);
  return encoding === 'utf8' ? data : { base64: data };
}
