import { fieldHeaderBytes, FrameError } from './frame-format.ts';

/** Takes one field of a body; `bytes` is a view of the body. */
export type FieldTaker = (tag: number, bytes: Buffer) => void;

/** Walks the fields of a body in order. Throws a FrameError when the body breaks a rule. */
export function readFields(body: Buffer, take: FieldTaker): void {
  let at = 0;
  while (at < body.length) {
    if (body.length - at < fieldHeaderBytes)
      throw new FrameError(`A field's header is cut off after ${body.length - at} bytes.`);
    const tag = body.readUInt16LE(at);
    const zero = body.readUInt16LE(at + 2);
    const length = body.readUInt32LE(at + 4);
    at += fieldHeaderBytes;
    if (zero !== 0) throw new FrameError(`Field ${tag} has ${zero} where zero must stand.`);
    if (length > body.length - at) {
      throw new FrameError(`Field ${tag} claims ${length} bytes, and only ${body.length - at} are left of its frame.`);
    }
    take(tag, body.subarray(at, at + length));
    at += length;
  }
}

/** The value of a u32 field. */
export function u32Field(tag: number, bytes: Buffer): number {
  if (bytes.length !== 4) throw new FrameError(`Field ${tag} must have 4 bytes, got ${bytes.length}.`);
  return bytes.readUInt32LE(0);
}

/** The value of a u64 field; above 2^53 - 1 is refused. */
export function u64Field(tag: number, bytes: Buffer): number {
  if (bytes.length !== 8) throw new FrameError(`Field ${tag} must have 8 bytes, got ${bytes.length}.`);
  const value = bytes.readUInt32LE(4) * 0x1_0000_0000 + bytes.readUInt32LE(0);
  if (!Number.isSafeInteger(value)) throw new FrameError(`Field ${tag} is larger than 2^53 - 1.`);
  return value;
}

/** The text of a string field. */
export function stringField(tag: number, bytes: Buffer): string {
  if (bytes.includes(0)) throw new FrameError(`Field ${tag} holds a NUL.`);
  return bytes.toString('utf8');
}
