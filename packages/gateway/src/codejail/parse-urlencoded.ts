import type { FormPart } from './form.ts';
import { Refusal } from './refusal.ts';

const [ampersand, equals, plus, percent, space] = Buffer.from('&=+% ');

/** Takes an application/x-www-form-urlencoded body apart. Throws Refusal 413 when it has more than `maximumParts` fields, empty ones included. */
export function parseUrlencoded(body: Buffer, maximumParts: number): FormPart[] {
  const parts: FormPart[] = [];
  let start = 0;
  for (let fields = 1; start < body.length; fields += 1) {
    if (fields > maximumParts) throw tooMany(maximumParts);
    const found = body.indexOf(ampersand ?? 0, start);
    const end = found === -1 ? body.length : found;
    if (end > start) parts.push(readField(body.subarray(start, end)));
    start = end + 1;
  }
  return parts;
}

function readField(bytes: Buffer): FormPart {
  const found = bytes.indexOf(equals ?? 0);
  const end = found === -1 ? bytes.length : found;
  return {
    kind: 'field',
    name: decode(bytes.subarray(0, end)).toString('utf8'),
    bytes: decode(bytes.subarray(end + 1)),
  };
}

/** `+` is a space and `%XX` a byte; a `%` that nothing sensible follows stays. */
function decode(bytes: Buffer): Buffer {
  const decoded = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    const escaped = byte === percent ? readHex(bytes, at + 1) : -1;
    if (escaped >= 0) at += 2;
    decoded[length] = escaped >= 0 ? escaped : byte === plus ? (space ?? 0) : byte;
    length += 1;
  }
  return decoded.subarray(0, length);
}

/** The value of each byte that is a hexadecimal digit, -1 for others. */
const hexDigits = Int8Array.from({ length: 256 }, (_, byte) =>
  '0123456789abcdef'.indexOf(String.fromCharCode(byte).toLowerCase()),
);

function readHex(bytes: Buffer, at: number): number {
  const high = hexDigits[bytes[at] ?? 0] ?? -1;
  const low = hexDigits[bytes[at + 1] ?? 0] ?? -1;
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function tooMany(maximum: number): Refusal {
  return new Refusal(
    { status: 413, reason: 'invalid.size' },
    `The form must have at most ${maximum} fields: the door reads one.`,
  );
}
