import { isUtf8 } from 'node:buffer';
import type { Context } from 'hono';
import { Problem } from './problem.ts';

/** What JSON of a job has at most, texts, commas and brackets counted as values: deeper or in more pieces it would only keep the event loop busy. */
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
  const encoding = c.req.header('content-encoding') ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    throw new Problem('unsupported-media-type', `The body must be sent as it is, not as ${shorten(encoding)}.`, {
      headers: { 'accept-encoding': 'identity' },
    });
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
  const endOfString = makeStringEnds(bytes);
  let depth = 0;
  let values = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) at = endOfString(at);
    else if (byte === 0x7b || byte === 0x5b) depth += 1;
    else if (byte === 0x7d || byte === 0x5d) depth -= 1;
    if (byte === quote || byte === 0x2c || byte === 0x7b || byte === 0x5b) values += 1;
    if (depth > jsonBounds.depth)
      throw new Problem('malformed-request', `The body is nested deeper than ${jsonBounds.depth}.`);
    if (values > jsonBounds.values)
      throw new Problem('malformed-request', `The body has more than ${jsonBounds.values} values.`);
  }
}

/** So many bytes behind a backslash are looked at one by one: where there is one, there are more, and searching for each would cost more. */
const closeLook = 256;

/** Finds the quote that ends the string which begins at a place. What was searched once is not searched again, so that all of it is one pass. */
function makeStringEnds(bytes: Buffer): (start: number) => number {
  let nextQuote = -1;
  let nextEscape = -1;
  const find = (byte: number, from: number): number => {
    const at = bytes.indexOf(byte, from);
    return at < 0 ? bytes.length : at;
  };
  return (start) => {
    let at = start + 1;
    while (at < bytes.length) {
      if (nextQuote < at) nextQuote = find(quote, at);
      if (nextEscape < at) nextEscape = find(backslash, at);
      if (nextQuote <= nextEscape) return nextQuote;
      at = nextEscape;
      for (const until = at + closeLook; at < until && at < bytes.length; at += bytes[at] === backslash ? 2 : 1)
        if (bytes[at] === quote) return at;
    }
    return bytes.length;
  };
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
}
