import { isUtf8 } from 'node:buffer';
import type { Context } from 'hono';
import { Problem } from './problem.ts';

/** What JSON of a job has at most: deeper or in more pieces it would only keep the event loop busy. */
export const jsonBounds = { depth: 32, values: 100_000 } as const;

/**
 * The JSON of a request's body. Depth and number of values are counted before anything is built of them.
 * Throws Problems `unsupported-media-type` and `malformed-request`.
 */
export async function readJson(c: Context): Promise<unknown> {
  const type = c.req.header('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new Problem(
      'unsupported-media-type',
      `The body must be application/json, not ${type === '' ? 'untyped' : shorten(type)}.`,
    );
  }
  const bytes = Buffer.from(await c.req.arrayBuffer());
  if (!isUtf8(bytes)) throw new Problem('malformed-request', 'The body must be UTF-8.');
  checkJsonBounds(bytes);
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new Problem(
      'malformed-request',
      `The body is no JSON: ${shorten(cause instanceof Error ? cause.message : '')}.`,
      { cause },
    );
  }
}

const quote = 0x22;
const backslash = 0x5c;

/** One pass over the bytes, in which strings are skipped by their quotes. Broken JSON is left to the parser. */
export function checkJsonBounds(bytes: Buffer): void {
  let depth = 0;
  let values = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === quote) at = endOfString(bytes, at);
    else if (byte === 0x7b || byte === 0x5b) depth += 1;
    else if (byte === 0x7d || byte === 0x5d) depth -= 1;
    if (byte === 0x2c || byte === 0x7b || byte === 0x5b) values += 1;
    if (depth > jsonBounds.depth)
      throw new Problem('malformed-request', `The body is nested deeper than ${jsonBounds.depth}.`);
    if (values > jsonBounds.values)
      throw new Problem('malformed-request', `The body has more than ${jsonBounds.values} values.`);
  }
}

/** The place of the quote that ends the string which begins at `start`: one after an even number of backslashes. */
function endOfString(bytes: Buffer, start: number): number {
  for (let end = bytes.indexOf(quote, start + 1); end >= 0; end = bytes.indexOf(quote, end + 1)) {
    let before = end;
    while (bytes[before - 1] === backslash) before -= 1;
    if ((end - before) % 2 === 0) return end;
  }
  return bytes.length;
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
}
