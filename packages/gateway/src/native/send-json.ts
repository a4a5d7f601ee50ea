import type { Context } from 'hono';

const pieceBytes = 65_536;

/** Answers with JSON; a large one in pieces, so that it can be seen whether a slow client still takes them. */
export function sendJson(c: Context, value: unknown): Response {
  const bytes = Buffer.from(JSON.stringify(value));
  c.header('content-type', 'application/json');
  if (bytes.length <= pieceBytes) return c.body(bytes);
  c.header('content-length', String(bytes.length));
  return c.body(ReadableStream.from(piecesOf(bytes)));
}

function* piecesOf(bytes: Buffer): Generator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}
