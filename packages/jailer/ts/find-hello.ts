import { fieldHeaderBytes, FrameError, frameBodyMax, frameHeaderBytes, replyTypes, tags } from './frame-format.ts';
import { type Hello, parseHello } from './replies.ts';

/** What the VERSION of every keeper begins with. */
const magic = Buffer.from('bullpen-jailer/');
/** The magic follows the frame's header and the header of the field VERSION, which is a HELLO's first. */
const magicOffset = frameHeaderBytes + fieldHeaderBytes;

/**
 * Finds the first whole HELLO of slot `slot` in bytes that need not begin with a frame: a keeper that was killed may
 * have sent a part of one. Returns where it stands, or null.
 */
export function findHello(bytes: Buffer, slot: number): { readonly offset: number; readonly hello: Hello } | null {
  for (let at = bytes.indexOf(magic); at !== -1; at = bytes.indexOf(magic, at + 1)) {
    const offset = at - magicOffset;
    if (offset < 0) continue;
    const hello = helloAt(bytes.subarray(offset));
    if (hello?.slot === slot) return { offset, hello };
  }
  return null;
}

function helloAt(bytes: Buffer): Hello | null {
  const length = bytes.readUInt32LE(0);
  if (length > frameBodyMax || bytes.length < frameHeaderBytes + length) return null;
  if (bytes.readUInt16LE(4) !== replyTypes.HELLO || bytes.readUInt16LE(6) !== 0) return null;
  if (bytes.readUInt16LE(frameHeaderBytes) !== tags.VERSION) return null;
  try {
    return parseHello(bytes.subarray(frameHeaderBytes, frameHeaderBytes + length));
  } catch (error) {
    // Bytes that only look like a HELLO.
    if (error instanceof FrameError) return null;
    throw error;
  }
}
