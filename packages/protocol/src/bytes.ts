import { isUtf8 } from 'node:buffer';
import { z } from 'zod';

const isWellFormed = (text: string): boolean => text.isWellFormed();

/** Standard base64 with its padding. atob takes a tenth of a pattern's time for megabytes; white space, which it passes over, shows in the length. */
function isBase64(text: string): boolean {
  if (text.length % 4 !== 0) return false;
  try {
    return atob(text).length === Buffer.byteLength(text, 'base64');
  } catch {
    return false; // it has other characters, or padding in its middle
  }
}

/**
 * Content as it travels in JSON: text as text, bytes that are no UTF-8 as `{ base64 }`.
 * Text must be well-formed Unicode, since a lone surrogate has no UTF-8 bytes.
 */
export const bytesSchema = z.union(
  [
    z.string().refine(isWellFormed, 'must be well-formed Unicode'),
    z.strictObject({
      base64: z.string().refine(isBase64, 'must be base64 with padding').meta({ contentEncoding: 'base64' }),
    }),
  ],
  'must be a text, or an object with base64',
);

export type Bytes = z.infer<typeof bytesSchema>;

/** What a program wrote or a file holds, as it travels in a result. */
export interface EncodedBytes {
  readonly encoding: 'utf8' | 'base64';
  readonly data: string;
}

/** The bytes that `bytes` stands for. */
export function decodeBytes(bytes: Bytes): Uint8Array {
  return typeof bytes === 'string' ? Buffer.from(bytes, 'utf8') : Buffer.from(bytes.base64, 'base64');
}

/** How many bytes `decodeBytes` would return, without making them. */
export function byteLength(bytes: Bytes): number {
  return typeof bytes === 'string' ? Buffer.byteLength(bytes, 'utf8') : Buffer.byteLength(bytes.base64, 'base64');
}

/** A text may be so many bytes longer as JSON than as base64: short ones stay readable, whatever they are made of. */
export const escapeSlackBytes = 1024;

/**
 * Text when `bytes` are exactly the UTF-8 of a text (a byte order mark is kept) and JSON does not blow it up, base64 otherwise; nothing is
 * lost either way. As JSON the data takes at most `escapeSlackBytes` more than its base64, which has four bytes for every three.
 */
export function encodeBytes(bytes: Uint8Array): EncodedBytes {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const encoding = isUtf8(buffer) && isShortAsJson(buffer) ? 'utf8' : 'base64';
  return { encoding, data: buffer.toString(encoding) };
}

/** How many bytes longer an ASCII character becomes in a JSON string: `\u0000` for a NUL, `\n` for a line feed. */
const escapeOverhead = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x80 ? JSON.stringify(String.fromCharCode(byte)).length - 3 : 0,
);

/** A program chooses what it writes: unchecked, each byte that it may write would cost six in Redis and in every reader. */
function isShortAsJson(utf8: Uint8Array): boolean {
  let left = Math.ceil(utf8.byteLength / 3) * 4 + escapeSlackBytes - utf8.byteLength;
  for (let index = 0; index < utf8.byteLength && left >= 0; index += 1) left -= escapeOverhead[utf8[index] ?? 0] ?? 0;
  return left >= 0;
}

/** The bytes of an `encodeBytes` value. */
export function decodeOutput(output: EncodedBytes): Uint8Array {
  return Buffer.from(output.data, output.encoding);
}
