import type { EncodedBytes } from '@bullpen/protocol';

/** Bytes of base64 that are decoded at a time: a multiple of three, so that pieces end between its groups. */
const pieceBytes = 49_152;
/** UTF-16 units of a text that are encoded at a time: none becomes more than three bytes. */
const pieceUnits = pieceBytes / 3;

/**
 * The bytes of an `encodeBytes` value behind the first `from`, in pieces of at most 48 KiB, each made when it is asked for: whoever reads slowly
 * holds no second copy of a large output.
 */
export function outputPieces(output: EncodedBytes, from: number): Generator<Uint8Array, void, undefined> {
  return output.encoding === 'base64' ? base64Pieces(output.data, from) : textPieces(output.data, from);
}

function* base64Pieces(data: string, from: number): Generator<Uint8Array, void, undefined> {
  const firstGroup = Math.floor(from / 3);
  let skipped = from - firstGroup * 3;
  for (let at = firstGroup * 4; at < data.length; at += (pieceBytes / 3) * 4) {
    const bytes = Buffer.from(data.slice(at, at + (pieceBytes / 3) * 4), 'base64').subarray(skipped);
    skipped = 0;
    if (bytes.byteLength > 0) yield bytes;
  }
}

function* textPieces(data: string, from: number): Generator<Uint8Array, void, undefined> {
  let skipped = from;
  for (let at = 0; at < data.length; ) {
    const end = at + pieceUnits;
    // The two halves of a character beyond 0xFFFF stay together.
    const next = isHighSurrogate(data.charCodeAt(end - 1)) ? end - 1 : end;
    const bytes = Buffer.from(data.slice(at, next), 'utf8');
    at = next;
    if (bytes.byteLength > skipped) yield bytes.subarray(skipped);
    skipped = Math.max(0, skipped - bytes.byteLength);
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
