import { z } from 'zod';

const isWellFormed = (text: string): boolean => text.isWellFormed();
const base64Text = /^[A-Za-z0-9+/]*={0,2}$/;

/** Standard base64 with its padding; one pass without a repeated group, so that 40 MB of it do not exhaust the pattern's stack. */
const isBase64 = (text: string): boolean => text.length % 4 === 0 && base64Text.test(text);

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

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The bytes that `bytes` stands for. */
export function decodeBytes(bytes: Bytes): Uint8Array {
  return typeof bytes === 'string' ? Buffer.from(bytes, 'utf8') : Buffer.from(bytes.base64, 'base64');
}

/** How many bytes `decodeBytes` would return, without making them. */
export function byteLength(bytes: Bytes): number {
  return typeof bytes === 'string' ? Buffer.byteLength(bytes, 'utf8') : Buffer.byteLength(bytes.base64, 'base64');
}

/** Text when `bytes` are exactly the UTF-8 of a text (a byte order mark is kept), base64 otherwise; nothing is lost either way. */
export function encodeBytes(bytes: Uint8Array): EncodedBytes {
  try {
    return { encoding: 'utf8', data: strictUtf8.decode(bytes) };
  } catch {
    // Not UTF-8: the decoder's only way to say so is to throw.
    return {
      encoding: 'base64',
      data: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'),
    };
  }
}

/** The bytes of an `encodeBytes` value. */
export function decodeOutput(output: EncodedBytes): Uint8Array {
  return Buffer.from(output.data, output.encoding);
}
